// What is kept on the phone: answers until they are sent, under a name made from the link (never the link itself, nor the
// code), and how the page is read. A phone that keeps nothing works too.

const PREFIX = 'jiahu.answers.';
const KEEP_MS = 7 * 24 * 60 * 60 * 1000;

// A short name of the link; nobody gets the token back from it.
function nameOf(token) {
  let one = 0xdeadbeef;
  let two = 0x41c6ce57;
  for (let at = 0; at < token.length; at += 1) {
    const char = token.charCodeAt(at);
    one = Math.imul(one ^ char, 2654435761);
    two = Math.imul(two ^ char, 1597334677);
  }
  return PREFIX + (one >>> 0).toString(36) + (two >>> 0).toString(36);
}

function storage(use) {
  try {
    return use(window.localStorage);
  } catch (refused) {
    return null;
  }
}

export function emptyDraft() {
  return { answers: new Map(), scales: new Map(), skipped: new Set(), proxy: null, sent: null };
}

export function save(token, draft) {
  const scales = Array.from(draft.scales, ([code, answers]) => [code, Array.from(answers)]);
  const text = JSON.stringify({
    at: Date.now(),
    answers: Array.from(draft.answers),
    scales,
    skipped: Array.from(draft.skipped),
    proxy: draft.proxy,
    sent: draft.sent,
  });
  storage((store) => store.setItem(nameOf(token), text));
}

// The draft of this link, or null. Drafts of links that nobody came back to are dropped.
export function load(token) {
  storage((store) => {
    Object.keys(store).filter((key) => key.startsWith(PREFIX)).forEach((key) => {
      let at = 0;
      try {
        at = JSON.parse(store.getItem(key)).at;
      } catch (unreadable) {
        at = 0;
      }
      if (!(Date.now() - at < KEEP_MS)) store.removeItem(key);
    });
  });
  const text = storage((store) => store.getItem(nameOf(token)));
  if (!text) return null;
  try {
    const kept = JSON.parse(text);
    return {
      answers: new Map(kept.answers),
      scales: new Map(kept.scales.map(([code, answers]) => [code, new Map(answers)])),
      skipped: new Set(kept.skipped),
      proxy: kept.proxy,
      sent: kept.sent,
    };
  } catch (unreadable) {
    return null;
  }
}

export function purge(token) {
  storage((store) => store.removeItem(nameOf(token)));
}

export function setting(name, value) {
  const key = `jiahu.${name}`;
  if (value !== undefined) storage((store) => store.setItem(key, value));
  return storage((store) => store.getItem(key));
}
