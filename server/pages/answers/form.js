// The form: which questions are shown, and how each kind is answered. The rule is the server's
// (server/src/domain/questionnaire.rs, scale.rs); the server judges again.

// Kinds of questions, each with how its control looks. A test holds both tables against the spec.
export const KINDS = {
  yes_no: 'yes_no',
  number: 'number',
  choice: 'choice',
};

// Kinds of scale items. The server knows the age; nobody asks for it.
export const SCALE_KINDS = {
  choice: 'choice',
  number: 'number',
  measured: 'measured',
  age: 'none',
};

// Whether the answers open a question. `counted` is a Map of the answers to shown questions before it.
export function holds(rule, counted) {
  if (rule.all) return rule.all.every((one) => holds(one, counted));
  if (rule.any) return rule.any.some((one) => holds(one, counted));
  return counted.get(rule.answer.question) === rule.answer.equals;
}

// The questions shown after these answers, in order, each with whether its answer is needed. An answer to a question that
// is not shown opens no other.
export function shown(questions, answers) {
  const counted = new Map();
  const list = [];
  questions.forEach((question) => {
    const open = question.places.filter((place) => !place.shown_if || holds(place.shown_if, counted));
    if (open.length === 0) return;
    list.push({ question, required: open.some((place) => place.required) });
    if (answers.has(question.code)) counted.set(question.code, answers.get(question.code));
  });
  return list;
}

// Everything to be walked through: questions, then the scales item by item. A step has a key of its own.
export function steps(form, draft) {
  const list = shown(form.questions, draft.answers).map(({ question, required }) => ({
    key: `q.${question.code}`,
    code: question.code,
    text: question.text,
    control: control(KINDS[question.answer.kind], question.answer),
    required,
    scale: null,
  }));
  form.scales.forEach((scale) => {
    if (draft.skipped.has(scale.code)) return;
    scale.items.forEach((item) => {
      const how = SCALE_KINDS[item.ask.kind];
      if (how === 'none') return;
      list.push({
        key: `s.${scale.code}.${item.code}`,
        code: item.code,
        text: item.text,
        control: control(how, item.ask),
        required: true,
        scale,
      });
    });
  });
  return list;
}

// What a control needs, the same for questions and scales. A kind that this page does not know has no control.
function control(how, ask) {
  if (how === 'yes_no') return { how };
  if (how === 'choice') return { how, options: ask.options };
  if (how === 'measured') return { how, ways: ask.ways };
  if (how === 'number') {
    const limits = { min: ask.min, max: ask.max, decimals: ask.decimals || 0, unit: ask.unit || '' };
    const few = limits.decimals === 0 && Number.isInteger(limits.min) && limits.max - limits.min <= 10;
    return Object.assign({ how: few ? 'few' : 'number' }, limits);
  }
  return { how: 'unknown' };
}

// The answers a step reads and writes: of the sheet, or of its scale.
export function answersOf(draft, step) {
  if (!step.scale) return draft.answers;
  if (!draft.scales.has(step.scale.code)) draft.scales.set(step.scale.code, new Map());
  return draft.scales.get(step.scale.code);
}

// Codes that a step answers under.
export function codesOf(step) {
  if (step.control.how !== 'measured') return [step.code];
  return step.control.ways.reduce((all, way) => all.concat(way.inputs.map((input) => input.code)), []);
}

// A number as people write it, full-width digits and commas too: { value } or { problem }.
export function readNumber(text, limits) {
  const plain = text.normalize('NFKC').trim().replace(/[,。、]/, '.');
  if (plain === '') return { value: null };
  if (!/^-?\d+(\.\d+)?$/.test(plain)) return { problem: 'answer_wrong_kind' };
  const value = Number(plain);
  const digits = (plain.split('.')[1] || '').replace(/0+$/, '').length;
  if (value < limits.min || value > limits.max) return { problem: 'answer_out_of_range' };
  return digits > limits.decimals ? { problem: 'answer_wrong_kind' } : { value };
}

// Whether a step is answered as far as it has to be.
export function complete(draft, step) {
  const answers = answersOf(draft, step);
  if (step.control.how === 'unknown') return !step.required;
  if (!step.required) return true;
  if (step.control.how !== 'measured') return answers.has(step.code);
  return step.control.ways.some((way) => way.inputs.every((input) => answers.has(input.code)));
}

// What is sent: answers to questions that are shown, and scales that are filled in.
export function sheet(form, draft) {
  const body = { answers: {}, scales: {} };
  steps(form, draft).forEach((step) => {
    const given = answersOf(draft, step);
    let into = body.answers;
    if (step.scale) {
      into = body.scales[step.scale.code] || {};
      body.scales[step.scale.code] = into;
    }
    codesOf(step).forEach((code) => {
      if (given.has(code)) into[code] = given.get(code);
    });
  });
  return body;
}
