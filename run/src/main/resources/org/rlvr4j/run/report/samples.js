/** A choice with a label, a button to the one before and a button to the next. */
function choice(label, options, chosen, onChange, steps = false) {
  const select = element('select', { onchange: () => onChange(select.value) });
  options.forEach(([value, text]) => select.append(element('option', { value, selected: value === chosen }, text)));
  const move = by => {
    const index = select.selectedIndex + by;
    if (index < 0 || index >= options.length) return;
    select.selectedIndex = index;
    onChange(select.value);
  };
  const box = element('span', { class: 'choice' }, element('label', {}, `${label} `, select));
  if (steps) {
    box.append(element('button', { type: 'button', 'aria-label': `Earlier ${label}`, onclick: () => move(-1) }, '‹'),
      element('button', { type: 'button', 'aria-label': `Later ${label}`, onclick: () => move(1) }, '›'));
  }
  return box;
}

const nameOf = run => `${run.series}, seed ${run.seed}`;
const distinct = list => [...new Set(list)];

/** What is said of a completion, in words. */
function facts(completion) {
  const list = [];
  if (Number.isFinite(completion.reward)) list.push(`reward ${short(completion.reward, 3)}`);
  for (const [name, value] of Object.entries(completion.parts ?? {})) list.push(`${name} ${short(value, 3)}`);
  if (Number.isFinite(completion.advantage)) list.push(`advantage ${short(completion.advantage, 3)}`);
  list.push(completion.correct ? 'right' : 'wrong', `${completion.tokens} tokens`);
  if (completion.truncated) list.push('truncated');
  list.push(completion.answer === undefined ? 'no answer' : `answer ${completion.answer}`);
  return list.join(' · ');
}

/** A completion with a mark from the colour of the lowest reward to that of the highest. */
function completionOf(completion, rewards) {
  const range = rewards.high - rewards.low;
  const share = !Number.isFinite(completion.reward) || range === 0 ? (completion.correct ? 1 : 0)
    : (completion.reward - rewards.low) / range;
  const box = element('div', { class: 'completion' },
    element('p', { class: 'facts' }, facts(completion)), element('pre', {}, completion.text));
  box.style.setProperty('--share', `${Math.round(100 * share)}%`);
  return box;
}

function rangeOfRewards(run) {
  const rewards = run.samples.flatMap(sample => sample.completions.map(one => one.reward)).filter(Number.isFinite);
  return {
    low: rewards.reduce((a, b) => Math.min(a, b), Infinity),
    high: rewards.reduce((a, b) => Math.max(a, b), -Infinity),
  };
}

function promptOf(sample) {
  return [element('h4', {}, 'Prompt'), element('pre', {}, sample.prompt),
    element('p', { class: 'facts' }, `accepted: ${sample.answers.join(' or ')}`)];
}

/** Remembers which of the details are open. */
function remembered(details, key, view) {
  details.open = view.open.has(key);
  details.addEventListener('toggle', () => {
    if (details.open) view.open.add(key);
    else view.open.delete(key);
    view.save();
  });
  return details;
}

/** Samples of the chosen run and step. */
function showSamples(section, runs, view) {
  const usable = runs.filter(run => run.samples.some(sample => !sample.evaluation));
  if (!usable.length) return;
  section.hidden = false;
  const content = element('div', {});
  section.append(content);
  const draw = () => {
    const run = usable.find(one => nameOf(one) === view.sampleRun) ?? usable[0];
    const steps = distinct(run.samples.filter(sample => !sample.evaluation).map(sample => sample.step));
    const step = steps.includes(view.sampleStep) ? view.sampleStep : steps.at(-1);
    const rewards = rangeOfRewards(run);
    const samples = run.samples.filter(sample => !sample.evaluation && sample.step === step);
    content.replaceChildren(
      element('p', {}, 'What the policy wrote to the first prompts of a step, before it learned from it. '
        + 'The mark of a response goes from the lowest reward of the run to the highest.'),
      element('div', { class: 'choices' },
        choice('run', usable.map(one => [nameOf(one), nameOf(one)]), nameOf(run), value => {
          view.sampleRun = value;
          view.save();
          draw();
        }),
        choice('step', steps.map(one => [String(one), String(one)]), String(step), value => {
          view.sampleStep = Number(value);
          view.save();
          draw();
        }, true)),
      ...samples.map((sample, i) => remembered(element('details', { class: 'sample' },
        element('summary', {}, `${sample.problem}: ${sample.completions.filter(one => one.correct).length} of `
          + `${sample.completions.length} right, rewards ${sample.completions.map(one => short(one.reward, 3)).join(', ')}`),
        ...promptOf(sample), element('h4', {}, 'Responses'),
        ...sample.completions.map(one => completionOf(one, rewards))), `sample ${i}`, view)));
  };
  draw();
}

/** Greedy answers to the same held-back problems at two times, side by side. */
function showBeforeAndAfter(section, runs, view) {
  const usable = runs.filter(run => distinct(run.samples.filter(sample => sample.evaluation)
    .map(sample => sample.step)).length > 1);
  if (!usable.length) return;
  section.hidden = false;
  const content = element('div', {});
  section.append(content);
  const draw = () => {
    const run = usable.find(one => nameOf(one) === view.evaluationRun) ?? usable[0];
    const samples = run.samples.filter(sample => sample.evaluation);
    const steps = distinct(samples.map(sample => sample.step));
    const [one, other] = [steps.includes(view.before) ? view.before : steps[0],
      steps.includes(view.after) ? view.after : steps.at(-1)];
    const at = (step, first) => samples.find(sample =>
      sample.step === step && sample.suite === first.suite && sample.problem === first.problem);
    const options = steps.map(step => [String(step), step === 0 ? 'before training' : `after step ${step}`]);
    const pick = (name, value) => {
      view[name] = Number(value);
      view.save();
      draw();
    };
    content.replaceChildren(
      element('p', {}, 'Greedy answers to held-back problems.'),
      element('div', { class: 'choices' },
        choice('run', usable.map(each => [nameOf(each), nameOf(each)]), nameOf(run), value => {
          view.evaluationRun = value;
          view.save();
          draw();
        }),
        choice('left', options, String(one), value => pick('before', value)),
        choice('right', options, String(other), value => pick('after', value))),
      ...samples.filter(sample => sample.step === one).map((sample, i) => remembered(
        element('details', { class: 'sample' },
          element('summary', {}, `${sample.suite}, ${sample.problem}: ${[sample, at(other, sample)]
            .map(each => each === undefined ? '–' : each.completions[0].correct ? 'right' : 'wrong').join(' → ')}`),
          ...promptOf(sample),
          element('div', { class: 'two' }, ...[[one, sample], [other, at(other, sample)]].map(([step, each]) =>
            element('div', {}, element('h4', {}, step === 0 ? 'Before training' : `After step ${step}`),
              ...(each?.completions ?? []).map(answer => completionOf(answer, { low: 0, high: 0 })))))),
        `evaluation ${i}`, view)));
  };
  draw();
}
