// One question a screen.

import { button, el, radios } from './dom.js';
import { answersOf, codesOf, complete, readNumber, steps } from './form.js';
import { save } from './kept.js';
import {
  both, callInstitution, complain, go, heading, problemBox, screens, state, t, token,
} from './page.js';
import { TEXTS } from './texts.js';

export function questionScreen(key) {
  const all = steps(state.link, state.draft);
  const at = all.findIndex((step) => step.key === key);
  // Another answer hid it meanwhile.
  if (at < 0) return screens.check();
  const step = all[at];
  const set = (code, value) => {
    const answers = answersOf(state.draft, step);
    if (value === null) answers.delete(code);
    else answers.set(code, value);
    state.errors.delete(step.key);
    save(token, state.draft);
  };
  const inputs = [];
  const next = () => {
    const wrong = inputs.find((input) => input.wrong());
    if (wrong) {
      complain(wrong.wrong());
      wrong.input.focus();
    } else if (!complete(state.draft, step)) {
      complain(step.control.how === 'unknown' ? t('unknownKind') : t('answer_missing'));
    } else {
      onward(step);
    }
  };
  const skip = () => {
    codesOf(step).forEach((code) => set(code, null));
    onward(step);
  };
  const skipScale = () => {
    state.draft.skipped.add(step.scale.code);
    state.draft.scales.delete(step.scale.code);
    save(token, state.draft);
    onward(step, at);
  };
  const onsubmit = (event) => {
    event.preventDefault();
    next();
  };
  return [
    el('p', { class: 'part' }, t('step', { n: at + 1, all: all.length }), step.scale ? ` · ${both(step.scale.name)}` : ''),
    el('form', { onsubmit, novalidate: true },
      el('fieldset', { 'aria-describedby': 'problem' },
        el('legend', null, heading(both(step.text))), controls(step, set, inputs)),
      problemBox(errorText(step)),
      el('button', { type: 'submit' }, t('next')),
      step.required ? null : button(t('skip'), skip, { class: 'plain' }),
      step.scale ? button(t('skipScale', { name: both(step.scale.name) }), skipScale, { class: 'plain' }) : null,
      button(t('back'), () => window.history.back(), { class: 'plain' })),
    ...(step.required && !step.scale && step.control.how === 'number' ? [el('p', { class: 'hint' }, t('notKnown')), callInstitution()] : []),
  ];
}

// The step after this one; `at` when the step itself is gone.
function onward(step, at) {
  state.errors.delete(step.key);
  const all = steps(state.link, state.draft);
  const index = at === undefined ? all.findIndex((one) => one.key === step.key) + 1 : at;
  const missing = all.find((one) => !complete(state.draft, one) || state.errors.has(one.key));
  let next = index < all.length ? all[index].key : 'check';
  if (state.checking) next = missing ? missing.key : 'check';
  go(next);
}

function controls(step, set, inputs) {
  const { control } = step;
  const answer = answersOf(state.draft, step).get(step.code);
  const pick = (value) => {
    set(step.code, value);
    complain('');
  };
  if (control.how === 'yes_no') {
    return radios('answer', [{ value: true, text: t('yes') }, { value: false, text: t('no') }], answer, pick);
  }
  if (control.how === 'choice') {
    const options = control.options.map((one) => ({ value: one.code, text: both(one.text) }));
    return radios('answer', options, answer, pick);
  }
  if (control.how === 'few') {
    const options = [];
    for (let value = control.min; value <= control.max; value += 1) options.push({ value, text: String(value) });
    return radios('answer', options, answer, pick, true);
  }
  if (control.how === 'number') return numberInput(step, step.code, control, null, set, inputs);
  if (control.how === 'measured') {
    const lines = [];
    control.ways.forEach((way, index) => {
      if (index > 0) lines.push(el('p', { class: 'hint' }, t('otherWay')));
      way.inputs.forEach((one) => lines.push(numberInput(step, one.code, one, both(one.text), set, inputs)));
    });
    return el('div', null, ...lines);
  }
  return el('p', { class: 'problem' }, t('unknownKind'));
}

function numberInput(step, code, limits, label, set, inputs) {
  const id = `n-${code}`;
  const given = answersOf(state.draft, step).get(code);
  const input = el('input', {
    id, type: 'text', inputmode: limits.decimals > 0 ? 'decimal' : 'numeric', autocomplete: 'off', maxlength: '12',
    'aria-describedby': `${id}-range problem`, 'aria-label': label ? null : both(step.text),
    value: given === undefined ? '' : String(given),
    oninput: () => {
      const { value, problem } = readNumber(input.value, limits);
      set(code, problem ? null : value);
      complain('');
    },
  });
  inputs.push({
    input,
    wrong: () => {
      const { problem } = readNumber(input.value, limits);
      return problem ? t(problem, limits) : '';
    },
  });
  return el('div', null,
    label ? el('label', { for: id }, label) : null,
    el('div', { class: 'number' }, input, el('span', null, limits.unit)),
    el('p', { class: 'hint', id: `${id}-range` }, t('range', limits)));
}

function errorText(step) {
  const error = state.errors.get(step.key);
  if (!error) return '';
  return error.code in TEXTS ? t(error.code, step.control) : error.message;
}

// An answer in words.
export function said(step) {
  const answers = answersOf(state.draft, step);
  const { control } = step;
  const given = answers.get(step.code);
  if (control.how === 'measured') {
    const parts = control.ways.reduce((all, way) => all.concat(way.inputs), [])
      .filter((input) => answers.has(input.code))
      .map((input) => `${answers.get(input.code)} ${input.unit}`);
    return parts.join(', ') || t('none');
  }
  if (given === undefined) return t('none');
  if (control.how === 'yes_no') return given ? t('yes') : t('no');
  if (control.how === 'choice') {
    const option = control.options.find((one) => one.code === given);
    return option ? both(option.text) : t('none');
  }
  return control.unit ? `${given} ${control.unit}` : String(given);
}
