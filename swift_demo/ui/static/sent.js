// A prompt as a model is sent it; every part is text, never markup.
const show = () => {
  const { note = '', parts = [] } = props.value || {};
  element.querySelector('p').textContent = note;
  element.querySelector('pre').replaceChildren(...parts.map(({ text, is_special: isSpecial }) => {
    const part = document.createElement(isSpecial ? 'mark' : 'span');
    part.textContent = text;
    return part;
  }));
};
watch('value', show);
show();
