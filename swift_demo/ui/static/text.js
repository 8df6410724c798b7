// A message as plain text, or nothing at all. The value is the text, or holds it.
const show = () => {
  const line = element.querySelector('p');
  line.textContent = props.value?.text ?? props.value ?? '';
  line.hidden = !line.textContent;
};
watch('value', show);
show();
