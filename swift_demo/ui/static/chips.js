// One list item for each line; what a model is called is text, never markup.
const show = () => {
  element.querySelector('ul').replaceChildren(...(props.value || '').split('\n').filter(Boolean).map((text) => {
    const item = document.createElement('li');
    item.textContent = text;
    return item;
  }));
};
watch('value', show);
show();
