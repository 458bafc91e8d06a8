// The page behind the link by which a family answers: code, whom it is about, one question a screen, a look at all
// answers, sending, and what to do now. The token stays behind `#` and goes to the server in bodies only.

import { button, el, radios } from './dom.js';
import { codesOf, complete, sheet, steps } from './form.js';
import { emptyDraft, purge, save } from './kept.js';
import {
  both, call, callInstitution, complain, draw, frame, go, heading, problemBox, screenOf, screens, state, t, token,
} from './page.js';
import { questionScreen, said } from './question.js';
import { ENDS } from './texts.js';

// Code.

function codeScreen() {
  const input = el('input', {
    class: 'code', id: 'code', type: 'text', inputmode: 'numeric', autocomplete: 'one-time-code', maxlength: '12',
    'aria-describedby': 'code-hint problem', value: state.code,
    oninput: () => {
      state.code = input.value;
    },
  });
  const send = el('button', { type: 'submit' }, t('open'));
  const onsubmit = async (event) => {
    event.preventDefault();
    state.code = input.value.normalize('NFKC').replace(/\D/g, '');
    if (state.code.length !== 6) {
      complain(t('codeShort'));
      input.focus();
      return;
    }
    complain('');
    send.disabled = true;
    send.textContent = t('loading');
    const answer = await call('v1/answer-links/open', { token, code: state.code });
    send.disabled = false;
    send.textContent = t('open');
    if (answer.ok) {
      state.link = answer.body;
      go('who');
    } else if (!answer.failed && answer.body.code in ENDS) {
      await over(answer.body.code, state.draft.sent);
    } else {
      complain(answer.failed ? t('badLinkOpen') : answer.body.detail);
      if (!answer.failed) input.focus();
    }
  };
  return [
    heading(t('codeHeading')),
    el('p', { class: 'hint', id: 'code-hint' }, t('codeHint')),
    el('form', { onsubmit, novalidate: true },
      el('label', { for: 'code' }, t('codeLabel')), input, problemBox(), send),
    el('p', { class: 'hint' }, t('codeNone')),
  ];
}

// A link that does not open any more.
function end(code) {
  if (code !== 'answer_link_invalid') purge(token);
  state.ended = () => {
    const [title, text] = ENDS[code][state.english ? 1 : 0];
    return [heading(title), el('p', null, text), el('p', null, t('urgentAnyway')), callInstitution()];
  };
  draw(state.ended);
}

// Whom it is about, and who answers.

function whoScreen() {
  const pick = (proxy) => {
    state.draft.proxy = proxy;
    save(token, state.draft);
    complain('');
  };
  const options = [{ value: false, text: t('whoSelf') }, { value: true, text: t('whoProxy') }];
  const next = () => {
    if (state.draft.proxy === null) complain(t('whoChoose'));
    else go(steps(state.link, state.draft).map((step) => step.key).concat('check')[0]);
  };
  return [
    heading(t('whoHeading')),
    el('p', null, t('whoAbout'), el('span', { class: 'who' }, state.link.patient_name)),
    el('p', null, t('whoFrom'), both(state.link.institution.name)),
    el('p', { class: 'hint' }, t('whoWrong')),
    state.resumed ? el('p', { class: 'hint' }, t('kept')) : null,
    el('fieldset', { 'aria-describedby': 'problem' }, el('legend', null, t('whoAnswers')),
      radios('who', options, state.draft.proxy, pick)),
    problemBox(),
    button(t('begin'), next),
  ];
}

// All answers, and sending.

function checkScreen() {
  state.checking = true;
  const all = steps(state.link, state.draft);
  const missing = all.find((step) => !complete(state.draft, step) || state.errors.has(step.key));
  const line = (title, text, change) => el('li', null,
    el('div', null, el('p', null, title), el('p', { class: 'said' }, text)),
    button(t('change'), change, { class: 'plain', 'aria-label': t('changeOf', { question: title }) }));
  const lines = all.map((step) => line(both(step.text), said(step), () => go(step.key)));
  state.link.scales.filter((scale) => state.draft.skipped.has(scale.code)).forEach((scale) => {
    lines.push(line(both(scale.name), t('none'), () => {
      state.draft.skipped.delete(scale.code);
      save(token, state.draft);
      go(steps(state.link, state.draft).find((step) => step.scale === scale).key);
    }));
  });
  const send = button(t('send'), () => sendAnswers(send), { id: 'send' });
  return [
    heading(t('checkHeading')),
    el('p', null, t('whoAbout'), el('span', { class: 'who' }, state.link.patient_name)),
    el('ul', { class: 'sheet' }, ...lines),
    problemBox(missing ? t('incomplete') : ''),
    missing ? button(t('toIncomplete'), () => go(missing.key)) : send,
    el('p', { class: 'hint' }, t('yourAnswers')),
  ];
}

function post(sent) {
  return call('v1/answer-links/answer', Object.assign({ token, code: state.code }, sent));
}

async function sendAnswers(send) {
  send.disabled = true;
  send.textContent = t('sending');
  const before = state.draft.sent;
  state.draft.sent = Object.assign({ proxy: state.draft.proxy === true }, sheet(state.link, state.draft));
  save(token, state.draft);
  const answer = await post(state.draft.sent);
  if (answer.ok) {
    told(answer.body);
  } else if (!answer.failed && answer.body.code in ENDS) {
    await over(answer.body.code, before);
  } else if (!answer.failed && takeErrors(answer.body)) {
    go(steps(state.link, state.draft).find((step) => state.errors.has(step.key)).key);
  } else {
    draw(() => failed(answer));
  }
}

// The link takes no answers any more. When it has taken those sent before, and what to do now was lost on its way, the same
// answers are told the same again.
async function over(code, before) {
  const answer = code === 'answer_link_used' && before ? await post(before) : { failed: true };
  if (answer.ok) told(answer.body);
  else end(code);
}

function told(now) {
  purge(token);
  state.draft = emptyDraft();
  state.ended = () => whatNow(now);
  draw(state.ended);
}

// Puts what the server says to its questions; false when nothing of it is one of them.
function takeErrors(problem) {
  state.errors.clear();
  const list = problem.errors || [];
  steps(state.link, state.draft).forEach((step) => {
    const scale = step.scale ? step.scale.code : undefined;
    if (scale !== problem.scale) return;
    const found = list.find((error) => codesOf(step).some((code) => error.field === `answers.${code}`));
    if (found) state.errors.set(step.key, found);
  });
  return state.errors.size > 0;
}

function failed(answer) {
  const busy = !answer.failed && (answer.status === 429 || answer.status >= 500);
  const unsure = answer.failed || busy;
  let text = busy ? t('busy') : t('badLinkSend');
  if (!unsure) text = answer.body.detail;
  const again = button(t('again'), () => {
    draw(checkScreen);
    sendAnswers(document.getElementById('send'));
  });
  return [
    heading(answer.failed ? t('badLink') : t('notSent')),
    el('p', { class: 'problem', role: 'alert' }, text),
    again,
    el('p', null, t('urgentAnyway')),
    callInstitution(),
  ];
}

// What to do now; nothing here tells anybody to wait.
function whatNow(now) {
  const advice = now.red_flags.map((flag) => el('div', { class: 'advice' }, el('h2', null, both(flag.name)), el('p', null, both(flag.now))));
  let top = [heading(t('fineHeading')), el('p', null, t('fineWhy')), el('p', null, t('changed'))];
  if (now.call_120) {
    top = [el('div', { class: 'urgent', role: 'alert' }, heading(t('callHeading')), el('p', null, t('callWhy')),
      el('a', { class: 'button call', href: 'tel:120' }, t('callButton')))];
  } else if (advice.length > 0) {
    top = [el('div', { class: 'urgent', role: 'alert' }, heading(t('actHeading')), el('p', null, t('actWhy')))];
  }
  const worse = advice.length > 0 ? el('p', null, t('worse')) : null;
  return [...top, ...advice, worse, callInstitution(), el('p', { class: 'hint' }, t('purged'))];
}

// Start.

Object.assign(screens, { code: codeScreen, who: whoScreen, check: checkScreen, question: questionScreen });
window.addEventListener('popstate', (event) => {
  if (state.ended) {
    draw(state.ended);
    return;
  }
  const name = event.state ? event.state.name : 'code';
  draw(screenOf(name === 'code' && state.link ? 'who' : name));
});
window.addEventListener('hashchange', () => window.location.reload());
frame();
if (token === '') {
  end('answer_link_invalid');
} else {
  window.history.replaceState({ name: 'code' }, '');
  draw(codeScreen);
}
