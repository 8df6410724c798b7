// How far the loading of a model is: a sentence, always as plain text, and a bar while it goes on.
const show = () => {
  const { text = '', share = null, is_busy: isBusy = false } = props.value || {};
  const line = element.querySelector('p');
  const bar = element.querySelector('progress');
  line.textContent = text;
  bar.style.visibility = isBusy ? 'visible' : 'hidden';
  if (share === null) bar.removeAttribute('value');
  else bar.value = share;
};
watch('value', show);
show();
