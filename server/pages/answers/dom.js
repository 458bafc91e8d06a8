// Elements. Text is always text: nothing from the network becomes markup.

export function el(tag, attributes, ...children) {
  const made = document.createElement(tag);
  Object.keys(attributes || {}).forEach((name) => {
    const value = attributes[name];
    if (value === false || value === null || value === undefined) return;
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (name === 'checked' || name === 'disabled' || name === 'value') made[name] = value;
    else made.setAttribute(name, value === true ? '' : value);
  });
  children.forEach((child) => {
    if (child !== null && child !== undefined) made.append(child);
  });
  return made;
}

export function button(text, onclick, attributes) {
  return el('button', Object.assign({ type: 'button', onclick }, attributes), text);
}

// A group of options of which one is taken; each is a line as wide as the screen.
export function radios(name, options, chosen, onpick, grid) {
  const lines = options.map(({ value, text }) => {
    const taken = value === chosen;
    const input = el('input', {
      type: 'radio',
      name,
      checked: taken,
      onchange: (event) => {
        lines.forEach((line) => line.classList.remove('chosen'));
        event.target.parentNode.classList.add('chosen');
        onpick(value);
      },
    });
    return el('label', { class: taken ? 'option chosen' : 'option' }, input, el('span', null, text));
  });
  return el('div', { class: grid ? 'grid' : null }, ...lines);
}
