// Shows the values of the step nearest to the pointer; the page is complete without it.
for (const svg of document.querySelectorAll('svg[data-steps]')) {
  const steps = svg.dataset.steps.split(' ').map(Number);
  const left = Number(svg.dataset.left);
  const width = Number(svg.dataset.right) - left;
  const first = steps[0];
  const range = steps.at(-1) - first;
  const cursor = svg.querySelector('.cursor');
  const tip = svg.parentNode.querySelector('.tip');
  const at = step => left + (range ? (step - first) / range : .5) * width;

  svg.addEventListener('pointermove', event => {
    const box = svg.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width * svg.viewBox.baseVal.width;
    let nearest = 0;
    steps.forEach((step, i) => { if (Math.abs(at(step) - x) < Math.abs(at(steps[nearest]) - x)) nearest = i; });
    cursor.setAttribute('d', `M${at(steps[nearest])} ${cursor.dataset.top}V${cursor.dataset.bottom}`);
    tip.replaceChildren(`step ${steps[nearest]}`);
    for (const series of svg.querySelectorAll('.series')) {
      if (getComputedStyle(series).display === 'none') continue;
      const name = document.createElement('span');
      name.className = series.getAttribute('class').replace('series', '').replace(/\bs\d+/, '');
      name.textContent = series.dataset.name;
      tip.append('\n', name, ` ${series.dataset.values.split(' ')[nearest]}`);
    }
    tip.hidden = false;
    const space = svg.parentNode.clientWidth - tip.offsetWidth - 8;
    tip.style.left = `${Math.max(0, Math.min(space, event.clientX - box.left + 24))}px`;
    tip.style.top = `${event.clientY - box.top + 44}px`;
  });
  svg.addEventListener('pointerleave', () => { tip.hidden = true; cursor.removeAttribute('d'); });
}
