const RELOAD_SECONDS = 5;

const data = JSON.parse(document.getElementById('data').textContent);
const names = distinct(data.runs.map(run => run.series));

/** What the reader has chosen, which survives when the page of a training that goes on loads itself again. */
const view = {
  x: 'step', hidden: new Set(), zoom: {}, open: new Set(), busy: false,
  sampleRun: null, sampleStep: null, evaluationRun: null, before: null, after: null,
  key: `rlvr4j ${location.pathname}`,
  redraw: () => {},

  save() {
    const { x, zoom, sampleRun, sampleStep, evaluationRun, before, after } = this;
    try {
      sessionStorage.setItem(this.key, JSON.stringify({
        x, zoom, sampleRun, sampleStep, evaluationRun, before, after,
        hidden: [...this.hidden], open: [...this.open], scroll: window.scrollY,
      }));
    } catch { /* a browser may keep nothing for a file */ }
  },

  /** Restores the choices, and returns how far the page was scrolled. */
  restore() {
    try {
      const saved = JSON.parse(sessionStorage.getItem(this.key) ?? '{}');
      Object.assign(this, { ...saved, hidden: new Set(saved.hidden), open: new Set(saved.open) });
      this.x = this.x in AXES ? this.x : 'step';
      this.zoom = this.zoom ?? {};
      return saved.scroll ?? 0;
    } catch {
      return 0;
    }
  },

  setZoom(group, range) {
    this.zoom[group] = range;
    this.save();
    this.redraw();
  },
};

/** Charts of numbers whose names are known, in their order on the page. */
const KNOWN = [
  ['reward', 'Reward', 'mean of a response'],
  ['accuracy', 'Accuracy in training', 'share of responses right'],
  ['answered', 'Answered in training', 'share of responses with an answer, right or wrong'],
  ['loss', 'Loss', 'mean over updates'],
  ['heldBackLoss', 'Loss on held-back examples', 'nats per token'],
  ['responseLength', 'Response length', 'tokens'],
  ['truncated', 'Truncated', 'share of responses'],
  ['entropy', 'Entropy', 'nats per token'],
  ['ppoKl', 'KL from the old policy', 'nats per token'],
  ['referenceKl', 'KL from the reference policy', 'nats per token'],
  ['tcr', 'Token clipping ratio (TCR)', 'share of tokens', true],
  ['clippedHigh', 'Clipped at the high end', 'share of tokens', true],
  ['clippedLow', 'Clipped at the low end', 'share of tokens', true],
  ['rur', 'Response utilization ratio (RUR)', 'share of responses'],
  ['noContrast', 'Groups without contrast', 'share of groups'],
  ['gradNorm', 'Gradient norm before clipping', 'L2', true],
  ['learningRate', 'Learning rate', ''],
  ['rolloutTokensPerSecond', 'Rollout speed', 'tokens per second'],
  ['updateTokensPerSecond', 'Update speed', 'tokens per second'],
  ['tokensPerSecond', 'Speed', 'tokens per second'],
];

/** Value of another column at a step: the latest that is not later. */
function lookup(steps, column) {
  return step => {
    if (step === 0) return 0;
    let at = null;
    for (let i = 0; i < steps.length && steps[i] <= step; i++) at = column?.[i] ?? at;
    return at;
  };
}

function curveOf(run, key) {
  return {
    series: run.series, index: names.indexOf(run.series), seed: run.seed,
    step: run.steps.step ?? [], x: run.steps, y: run.steps[key] ?? [],
  };
}

/** Mean greedy accuracy over the suites of a run, or that of one suite. */
function accuracyOf(run, suite) {
  const greedy = run.evaluations.filter(one => one.samples === 1 && (suite === null || one.suite === suite));
  const step = greedy[0]?.step ?? [];
  const x = { step };
  for (const name of ['seconds', 'generatedResponses']) {
    x[name] = step.map(lookup(run.steps.step ?? [], run.steps[name]));
  }
  return {
    series: run.series, index: names.indexOf(run.series), seed: run.seed, step, x,
    y: step.map((_, i) => greedy.reduce((sum, one) => sum + one.avg[i], 0) / greedy.length),
  };
}

function definitions() {
  const list = [];
  const suites = distinct(data.runs.flatMap(run => run.evaluations).filter(one => one.samples === 1).map(one => one.suite));
  list.push({
    key: 'avgAt1', title: 'Accuracy on held-back problems', unit: suites.length > 1 ? 'Avg@1, mean of suites' : 'Avg@1',
    curves: data.runs.map(run => accuracyOf(run, null)),
  });
  if (suites.length > 1) {
    for (const suite of suites) {
      list.push({
        key: `avgAt1/${suite}`, title: `Accuracy on ${suite}`, unit: 'Avg@1',
        curves: data.runs.map(run => accuracyOf(run, suite)),
      });
    }
  }
  const parts = distinct(data.runs.flatMap(run => Object.keys(run.steps))).filter(key => key.startsWith('reward/'));
  for (const [key, title, unit, log = false] of KNOWN) {
    list.push({ key, title, unit, log, curves: data.runs.map(run => curveOf(run, key)) });
    if (key === 'reward') {
      for (const part of parts) {
        list.push({
          key: part, title: `Reward: ${part.slice('reward/'.length)}`, unit: 'mean of a response',
          curves: data.runs.map(run => curveOf(run, part)),
        });
      }
    }
  }
  list.forEach(definition => { definition.group = 'run'; });
  if (data.warmUps.length) {
    list.push({
      key: 'warmUpLoss', title: 'Loss of the warm-up', unit: 'nats per token', log: false, group: 'warmUp', xLabel: 'step of the warm-up',
      curves: data.warmUps.map((warmUp, i) => ({
        series: data.warmUps.length > 1 ? `warm-up of ${warmUp.series}` : 'warm-up', index: names.length + i, seed: 0,
        step: warmUp.steps.step ?? [], x: warmUp.steps, y: warmUp.steps.loss ?? [],
      })),
    });
  }
  return list.filter(({ curves }) => curves.some(({ y }) => y.some(Number.isFinite)));
}

function swatch(index) {
  const svg = drawn('svg', { class: `swatch ${styleOf(index)}`, viewBox: '0 0 22 10', 'aria-hidden': 'true' });
  svg.append(drawn('path', { class: 'line', d: 'M1 5H21' }));
  return svg;
}

function legend() {
  return element('div', { class: 'legend', role: 'group', 'aria-label': 'Methods to show' }, ...names.map((name, i) => {
    const button = element('button', {
      type: 'button', 'aria-pressed': String(!view.hidden.has(name)),
      onclick: () => {
        if (!view.hidden.delete(name)) view.hidden.add(name);
        button.setAttribute('aria-pressed', String(!view.hidden.has(name)));
        view.save();
        view.redraw();
      },
    }, swatch(i), name);
    return button;
  }));
}

function axisSwitch() {
  const box = element('fieldset', { class: 'axes' }, element('legend', {}, 'Horizontal axis'));
  for (const [name, axis] of Object.entries(AXES)) {
    box.append(element('label', {}, element('input', {
      type: 'radio', name: 'axis', value: name, checked: view.x === name,
      onchange: () => {
        view.x = name;
        delete view.zoom.run;
        view.save();
        view.redraw();
      },
    }), axis.title));
  }
  return box;
}

/** The range that is shown, for those who do not drag. */
function range() {
  const field = label => element('input', {
    type: 'number', step: 'any', 'aria-label': label,
    onchange: () => {
      const [low, high] = [from.value, to.value].map(value => value === '' ? NaN : Number(value));
      if (low < high) view.setZoom('run', [low, high].map(value => value * unitSize()));
    },
  });
  const unitSize = () => charts.find(chart => chart.definition.group === 'run')?.unit.size ?? 1;
  const from = field('Show from');
  const to = field('Show to');
  const all = element('button', {
    type: 'button',
    onclick: () => {
      view.zoom = {};
      view.save();
      view.redraw();
    },
  }, 'Show all');
  const box = element('span', { class: 'range' }, 'from ', from, ' to ', to, all);
  box.update = () => {
    const zoom = view.zoom.run;
    from.value = zoom ? Number((zoom[0] / unitSize()).toPrecision(5)) : '';
    to.value = zoom ? Number((zoom[1] / unitSize()).toPrecision(5)) : '';
    all.disabled = !Object.values(view.zoom).some(Boolean);
  };
  return box;
}

const scroll = view.restore();
const charts = definitions().map(definition => new Chart(definition, view));
if (charts.length) {
  const shown = range();
  document.getElementById('curves').hidden = false;
  document.getElementById('controls').append(legend(), element('div', { class: 'choices' }, axisSwitch(), shown,
    element('button', {
      type: 'button',
      onclick: () => download('report.json', 'application/json', JSON.stringify(data)),
    }, 'All numbers and samples (JSON)')),
  element('p', { class: 'note' }, 'Drag across a chart to zoom, double click to show all again.'));
  document.getElementById('panels').append(...charts.map(chart => chart.figure));
  view.redraw = () => {
    charts.forEach(chart => chart.draw());
    shown.update();
  };
  view.redraw();
}
showSamples(document.getElementById('samples'), data.runs, view);
showBeforeAndAfter(document.getElementById('before-after'), data.runs, view);
document.querySelectorAll('details:not(.sample)').forEach((details, i) => remembered(details, `detail ${i}`, view));

if (scroll > 0) window.scrollTo(0, scroll);
window.addEventListener('pagehide', () => view.save());

function reload() {
  if (document.hidden || view.busy || !getSelection().isCollapsed) return;
  view.save();
  location.reload();
}

if (data.running) {
  const running = document.getElementById('running');
  running.hidden = false;
  running.textContent = `The training is going on; this page was written at ${document.lastModified} and loads itself again.`;
  setInterval(reload, 1000 * RELOAD_SECONDS);
}
