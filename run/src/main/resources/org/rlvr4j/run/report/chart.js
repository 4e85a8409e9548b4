'use strict';
const SVG = 'http://www.w3.org/2000/svg';
const SIZE = { width: 420, height: 240, left: 48, right: 402, top: 8, bottom: 206 };
const COLOURS = 7;

/** An element with attributes and children; a text is never read as HTML. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'onclick' || name === 'onchange') made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

function drawn(tag, attributes = {}, text = '') {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  return made;
}

/** Colour and dashes of a series, as the tables have them. */
const styleOf = index => `c${index % COLOURS} d${Math.floor(index / COLOURS) % 3}`;

/** The smallest number of the form 1, 2 or 5 times a power of ten that is not below a positive value. */
function roundedUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map(digit => digit * power).find(rounded => rounded >= value * (1 - 1e-9)) ?? 10 * power;
}

/** Multiples of a step from one value to another, without the errors of adding it up. */
function multiples(step, from, to) {
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  const list = [];
  for (let i = Math.ceil(from / step - 1e-9); i <= Math.floor(to / step + 1e-9); i++) {
    list.push(Number((i * step).toFixed(Math.min(digits, 100))));
  }
  return list;
}

/** Vertical axis that contains all values and ends at ticks. */
function linearAxis(min, max) {
  if (min === max) return min === 0 ? linearAxis(0, 1) : linearAxis(Math.min(0, min), Math.max(0, max));
  const bottom = min >= 0 && min < (max - min) / 2 ? 0 : min;
  const range = max - bottom;
  const step = roundedUp(range / 6);
  const low = Math.floor(bottom / step + 1e-9) * step;
  const high = Math.max(low + step, Math.ceil(max / step - 1e-9) * step);
  return { low, high, log: false, ticks: multiples(step, low, high) };
}

function logarithmicAxis(min, max) {
  const first = Math.floor(Math.log10(min) + 1e-9);
  const last = Math.max(first + 1, Math.ceil(Math.log10(max) - 1e-9));
  const stride = Math.ceil((last - first) / 6);
  let ticks = [];
  for (let exponent = first; exponent < last + stride; exponent += stride) {
    for (const digit of max / min <= 100 ? [1, 2, 5] : [1]) ticks.push(digit * 10 ** exponent);
  }
  while (ticks[1] <= min) ticks.shift();
  while (ticks.length > 2 && ticks.at(-2) >= max) ticks.pop();
  return { low: ticks[0], high: ticks.at(-1), log: true, ticks };
}

/** Horizontal axis from exactly one value to another. */
function exactAxis(low, high, whole) {
  const range = high > low ? high - low : 1;
  const step = Math.max(roundedUp(range / 6), whole ? 1 : 0);
  return { low, high, log: false, ticks: multiples(step, low, high) };
}

function position(axis, value) {
  if (axis.high === axis.low) return .5;
  const share = axis.log ? Math.log(value / axis.low) / Math.log(axis.high / axis.low)
    : (value - axis.low) / (axis.high - axis.low);
  return Math.min(1, Math.max(0, share));
}

/** Short text of a number, such as 0.25, 12k or 5e-4. */
function short(value, digits = 4) {
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(digits))}M`;
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(digits))}k`;
  if (size >= 1e-3) return String(Number(value.toPrecision(digits)));
  return value.toExponential(digits - 1).replace(/\.?0+e/, 'e');
}

const pixels = length => Math.round(length * 10) / 10;

/**
 * Chart of one number: for each series the mean over its runs as a line, and their range as a band.
 *
 * definition: { key, title, unit, log, group, curves }, where curves are
 * { series, index, seed, step: [], x: { name: [] }, y: [] } and group names the horizontal axis that charts share.
 */
class Chart {
  constructor(definition, view) {
    this.definition = definition;
    this.view = view;
    this.svg = drawn('svg', { viewBox: `0 0 ${SIZE.width} ${SIZE.height}`, role: 'img' });
    this.tip = element('div', { class: 'tip', hidden: true });
    this.figure = element('figure', { 'data-key': definition.key },
      element('figcaption', {},
        element('strong', {}, definition.title), ` ${definition.unit}${definition.log ? ', logarithmic' : ''} `,
        element('button', {
          type: 'button', class: 'small', 'aria-label': `Numbers of ${definition.title} as CSV`,
          onclick: () => download(`${definition.key.replace(/[^\w.-]+/g, '-')}.csv`, 'text/csv', this.csv()),
        }, 'CSV')),
      this.svg, this.tip);
    this.listen();
  }

  /** Name of the numbers on the horizontal axis. */
  get axisName() {
    return this.definition.group === 'run' ? this.view.x : 'step';
  }

  /** Means and ranges over the runs of each visible series, by step. */
  series() {
    const bySeries = new Map();
    for (const curve of this.definition.curves) {
      if (this.view.hidden.has(curve.series)) continue;
      if (!bySeries.has(curve.series)) bySeries.set(curve.series, { index: curve.index, points: new Map() });
      const { points } = bySeries.get(curve.series);
      const xs = curve.x[this.axisName];
      curve.step.forEach((step, i) => {
        const y = curve.y[i];
        const x = xs?.[i];
        if (!Number.isFinite(y) || !Number.isFinite(x)) return;
        const point = points.get(step) ?? { step, n: 0, x: 0, y: 0, min: Infinity, max: -Infinity };
        point.n++;
        point.x += x;
        point.y += y;
        point.min = Math.min(point.min, y);
        point.max = Math.max(point.max, y);
        points.set(step, point);
      });
    }
    return [...bySeries].map(([name, { index, points }]) => ({
      name, index,
      points: [...points.values()].sort((a, b) => a.step - b.step)
        .map(point => ({ ...point, x: point.x / point.n, y: point.y / point.n })),
    })).filter(series => series.points.length > 0);
  }

  draw() {
    const { definition } = this;
    const zoom = this.view.zoom[definition.group];
    const all = this.series();
    const every = all.flatMap(series => series.points);
    const xs = every.map(point => point.x);
    const low = zoom ? zoom[0] : xs.reduce((a, b) => Math.min(a, b), Infinity);
    const high = zoom ? zoom[1] : xs.reduce((a, b) => Math.max(a, b), -Infinity);
    const shown = all.map(series => ({ ...series, points: series.points.filter(p => p.x >= low && p.x <= high) }))
      .filter(series => series.points.length > 0);
    this.shown = shown;
    const axis = AXES[this.axisName];
    const unit = axis.unit(Number.isFinite(high) ? high : 0);
    this.x = shown.length ? exactAxis(low / unit.size, high / unit.size, axis.whole) : exactAxis(0, 1, false);
    this.unit = unit;
    this.y = this.vertical(shown.flatMap(series => series.points));
    this.svg.setAttribute('aria-label', this.description(shown, unit));
    this.svg.replaceChildren();
    for (const tick of this.y.ticks) {
      const height = this.atY(tick);
      this.svg.append(drawn('path', { class: 'grid', d: `M${SIZE.left} ${height}H${SIZE.right}` }),
        drawn('text', { class: 'left', x: SIZE.left - 6, y: height }, short(tick)));
    }
    for (const tick of this.x.ticks) {
      this.svg.append(drawn('text', { class: 'below tick', x: this.atX(tick * unit.size), y: SIZE.bottom + 15 }, short(tick)));
    }
    this.svg.append(drawn('text', { class: 'below', x: (SIZE.left + SIZE.right) / 2, y: SIZE.height - 3 },
      shown.length ? this.definition.xLabel ?? unit.label : 'no data'));
    this.cursor = drawn('path', { class: 'cursor' });
    this.selection = drawn('path', { class: 'selection' });
    this.svg.append(this.cursor, this.selection);
    for (const series of shown) this.svg.append(this.line(series));
  }

  vertical(points) {
    const positive = this.definition.log;
    let min = Infinity;
    let max = -Infinity;
    for (const point of points) {
      for (const value of [point.min, point.y, point.max]) {
        if (positive && value <= 0) continue;
        min = Math.min(min, value);
        max = Math.max(max, value);
      }
    }
    if (min > max) return linearAxis(0, 1);
    return positive ? logarithmicAxis(min, max) : linearAxis(min, max);
  }

  line(series) {
    const group = drawn('g', { class: `series ${styleOf(series.index)}` });
    group.dataset.name = series.name;
    const at = (point, y) => `${this.atX(point.x)} ${this.atY(y)}`;
    if (series.points.some(point => point.n > 1)) {
      const above = series.points.map(point => at(point, point.max)).reverse();
      const below = series.points.map(point => at(point, point.min));
      group.append(drawn('path', { class: 'band', d: `M${above.concat(below).join('L')}Z` }));
    }
    const last = series.points.at(-1);
    group.append(drawn('path', { class: 'line', d: `M${series.points.map(point => at(point, point.y)).join('L')}` }),
      drawn('circle', { cx: this.atX(last.x), cy: this.atY(last.y), r: 2.5 }));
    return group;
  }

  description(shown, unit) {
    const values = shown.map(({ name, points }) => `${name} ${short(points.at(-1).y, 3)}`).join(', ');
    return `${this.definition.title} by ${unit.label}${values ? `; at the end ${values}` : ', no data'}`;
  }

  atX(value) {
    return pixels(SIZE.left + position(this.x, value / this.unit.size) * (SIZE.right - SIZE.left));
  }

  atY(value) {
    return pixels(SIZE.bottom - position(this.y, value) * (SIZE.bottom - SIZE.top));
  }

  /** Value of the horizontal axis under the pointer. */
  valueAt(event) {
    const box = this.svg.getBoundingClientRect();
    const pixel = (event.clientX - box.left) / box.width * SIZE.width;
    const share = Math.min(1, Math.max(0, (pixel - SIZE.left) / (SIZE.right - SIZE.left)));
    return (this.x.low + share * (this.x.high - this.x.low)) * this.unit.size;
  }

  /** Values at the pointer; dragging zooms, a double click shows all again. */
  listen() {
    let from = null;
    this.svg.addEventListener('pointerdown', event => {
      if (event.button !== 0 || !this.shown.length) return;
      from = this.valueAt(event);
      this.view.busy = true;
      this.svg.setPointerCapture(event.pointerId);
    });
    this.svg.addEventListener('pointermove', event => {
      if (from === null) {
        this.showTip(event);
        return;
      }
      this.hideTip();
      const to = this.valueAt(event);
      this.selection.setAttribute('d',
        `M${this.atX(from)} ${SIZE.top}H${this.atX(to)}V${SIZE.bottom}H${this.atX(from)}Z`);
    });
    const end = event => {
      if (from === null) return;
      const to = this.valueAt(event);
      const wide = Math.abs(this.atX(to) - this.atX(from)) > 6;
      const range = [Math.min(from, to), Math.max(from, to)];
      from = null;
      this.view.busy = false;
      this.selection.removeAttribute('d');
      if (wide && event.type === 'pointerup') this.view.setZoom(this.definition.group, range);
    };
    this.svg.addEventListener('pointerup', end);
    this.svg.addEventListener('pointercancel', end);
    this.svg.addEventListener('dblclick', () => this.view.setZoom(this.definition.group, null));
    this.svg.addEventListener('pointerleave', () => this.hideTip());
  }

  hideTip() {
    this.tip.hidden = true;
    this.cursor?.removeAttribute('d');
  }

  showTip(event) {
    const x = this.valueAt(event);
    const nearest = points => points.reduce((a, b) => Math.abs(b.x - x) < Math.abs(a.x - x) ? b : a);
    const points = this.shown.flatMap(series => series.points);
    if (!points.length) return;
    const at = nearest(points);
    this.cursor.setAttribute('d', `M${this.atX(at.x)} ${SIZE.top}V${SIZE.bottom}`);
    const where = this.axisName === 'step' ? '' : `, ${short(at.x / this.unit.size)} ${this.unit.label}`;
    this.tip.replaceChildren(`step ${at.step}${where}`);
    for (const series of this.shown) {
      const point = nearest(series.points);
      this.tip.append('\n', element('span', { class: styleOf(series.index) }, series.name), ` ${short(point.y)}`);
    }
    this.tip.hidden = false;
    const box = this.svg.getBoundingClientRect();
    const space = this.figure.clientWidth - this.tip.offsetWidth - 8;
    this.tip.style.left = `${Math.max(0, Math.min(space, event.clientX - box.left + 24))}px`;
    this.tip.style.top = `${event.clientY - box.top + 44}px`;
  }

  /** All numbers of the chart, hidden series included, as CSV. */
  csv() {
    const quoted = value => /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
    const names = this.definition.group === 'run' ? Object.keys(AXES) : ['step'];
    const rows = [['method', 'seed', ...names, this.definition.key].map(quoted).join(',')];
    for (const curve of this.definition.curves) {
      curve.step.forEach((_, i) => {
        rows.push([quoted(curve.series), curve.seed, ...names.map(name => curve.x[name]?.[i] ?? ''), curve.y[i] ?? '']
          .join(','));
      });
    }
    return `${rows.join('\r\n')}\r\n`;
  }
}

const inOne = (size, label) => () => ({ size, label });

/** Horizontal axes: which numbers, and in which unit. */
const AXES = {
  step: { title: 'Step', whole: true, unit: inOne(1, 'step') },
  seconds: {
    title: 'Time',
    whole: false,
    unit: high => high >= 7200 ? { size: 3600, label: 'hours of training' }
      : high >= 300 ? { size: 60, label: 'minutes of training' } : { size: 1, label: 'seconds of training' },
  },
  generatedResponses: { title: 'Responses', whole: true, unit: inOne(1, 'generated responses') },
};

/** Hands the reader a file. */
function download(name, type, text) {
  const link = element('a', { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
