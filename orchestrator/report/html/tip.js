// Words that tell their definition on hover, focus and tap.

const tip = document.getElementById('tip');

function showTip(at, text) {
  tip.textContent = text;
  tip.hidden = false;
  const place = at.getBoundingClientRect();
  const left = Math.min(place.left, document.documentElement.clientWidth - tip.offsetWidth - 8);
  const below = place.bottom + 6;
  const fits = below + tip.offsetHeight < document.documentElement.clientHeight;
  tip.style.left = `${Math.max(8, left) + scrollX}px`;
  tip.style.top = `${(fits ? below : Math.max(4, place.top - tip.offsetHeight - 6)) + scrollY}px`;
}

function hideTip() {
  tip.hidden = true;
}

addEventListener('keydown', (event) => {
  if (event.key === 'Escape') hideTip();
});

// term('p95') or term('p95', 'other label')
function term(key, label) {
  const [name, text] = kDefinitions[key];
  const show = (event) => showTip(event.currentTarget, text);
  return el(
    'button',
    {
      type: 'button',
      class: 'term',
      'aria-describedby': `definition-${key}`,
      onmouseenter: show,
      onfocus: show,
      onclick: show,
      onmouseleave: hideTip,
      onblur: hideTip,
    },
    label ?? name,
  );
}
