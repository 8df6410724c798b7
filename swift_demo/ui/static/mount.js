// Runs once the viewer's place is on the page; Gradio gives it `element`, `props`, `watch`, `trigger` and `server`.
let viewer = null;
const draw = () => {
  viewer?.show(props.value);
  // Stable names for programs that drive the page, on buttons whose markup is Gradio's and which may come later.
  for (const id of ['run', 'stop']) document.getElementById(id)?.setAttribute('data-testid', id);
};
const open = async (name, content) => {
  const { id, error } = await server.open_trace({ name, content });
  if (id) trigger('select', { name: id });
  return { error };
};
const mount = () => {
  viewer = window.SwiftViewer.mount(element.querySelector('.sv-place'), {
    recorded: props.recorded,
    caption: props.caption,
    openRecorded: (name) => trigger('select', { name }),
    file: (id, kind) => server.export_file({ id, kind }),
    open,
  });
  draw();
};
watch('value', draw);
if (window.SwiftViewer?.mount) mount();
else document.addEventListener('swift-viewer-ready', mount, { once: true });
