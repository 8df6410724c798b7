// A list item for each chip; what a model is called is text, never markup.
const show = () => {
  element.querySelector('ul').replaceChildren(...(props.value || []).map((text) => {
    const item = document.createElement('li');
    item.textContent = text;
    return item;
  }));
};
watch('value', show);
show();
