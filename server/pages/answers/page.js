// What every screen needs: the state, texts, the frame, the way from screen to screen, and the server.

import { button, el } from './dom.js';
import { emptyDraft, load, setting } from './kept.js';
import { TEXTS } from './texts.js';

const TIMEOUT_MS = 25000;
const screen = document.getElementById('screen');

export const token = window.location.hash.slice(1).trim();
export const state = {
  english: setting('language') === 'en',
  size: setting('size') || '1',
  code: '',
  link: null, // what the server says once the code is right
  draft: load(token) || emptyDraft(),
  resumed: load(token) !== null,
  errors: new Map(), // what the server said, by the key of its step
  checking: false, // a question was opened from the list of answers
  ended: null, // the last screen: nothing leads back from it
  show: () => {}, // draws the screen anew
};

export function t(name, values) {
  const text = TEXTS[name][state.english ? 1 : 0];
  return text.replace(/\{(\w+)\}/g, (whole, key) => (values && key in values ? values[key] : whole));
}

export function both(text) {
  return state.english ? text.en : text.zh;
}

function bar() {
  const sizes = ['1', '2', '3'].map((size) => button('A', () => {
    state.size = setting('size', size) || size;
    frame();
  }, { class: `s${size}`, 'aria-label': t(`size${size}`), 'aria-pressed': String(state.size === size) }));
  const other = button(t('otherLanguage'), () => {
    state.english = !state.english;
    setting('language', state.english ? 'en' : 'zh');
    frame();
    state.show();
  }, { class: 'language', lang: state.english ? 'zh-CN' : 'en' });
  return [el('div', { role: 'group', 'aria-label': t('sizes') }, ...sizes), other];
}

export function frame() {
  const root = document.documentElement;
  root.lang = state.english ? 'en' : 'zh-CN';
  root.dataset.size = state.size;
  document.title = t('title');
  const held = document.activeElement ? document.activeElement.className : '';
  const header = document.getElementById('bar');
  fill(header, bar());
  // Who pressed a button of the bar stays there.
  const again = Array.from(header.querySelectorAll('button')).find((one) => held && one.className === held);
  if (again) again.focus();
  document.getElementById('emergency').textContent = t('emergency');
}

function fill(parent, children) {
  while (parent.firstChild) parent.removeChild(parent.firstChild);
  children.forEach((child) => {
    if (child) parent.append(child);
  });
}

export function heading(text, attributes) {
  return el('h1', Object.assign({ tabindex: '-1' }, attributes), text);
}

// Shows a screen and reads its heading out.
export function draw(draws) {
  state.show = () => fill(screen, draws());
  state.show();
  window.scrollTo(0, 0);
  const first = screen.querySelector('h1');
  if (first) first.focus({ preventScroll: true });
}

export function problemBox(text) {
  return el('p', { class: 'problem', role: 'alert', id: 'problem' }, text || '');
}

export function complain(text) {
  const box = document.getElementById('problem');
  box.textContent = text;
  box.scrollIntoView({ block: 'nearest' });
}

// Screens by name; a name that is none of theirs is the key of a question.
export const screens = {};

export function screenOf(name) {
  return screens[name] || (() => screens.question(name));
}

// Goes to a screen so that the phone's back key leads back.
export function go(name) {
  window.history.pushState({ name }, '');
  draw(screenOf(name));
}

// Talking to the server. The answer: { ok, body } or { failed } when it did not come.

export async function call(path, body) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), TIMEOUT_MS);
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'accept-language': state.english ? 'en' : 'zh-CN' },
      body: JSON.stringify(body),
      signal: stop.signal,
      cache: 'no-store',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
    });
    return { ok: response.ok, status: response.status, body: await response.json() };
  } catch (broken) {
    return { failed: true };
  } finally {
    clearTimeout(timer);
  }
}

// Whom to call about it, once it is known.
export function callInstitution() {
  if (!state.link) return null;
  const { name, phone } = state.link.institution;
  return phone ? el('a', { class: 'button', href: `tel:${phone}` }, t('callCentre', { name: both(name) })) : null;
}
