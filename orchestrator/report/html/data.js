// The page's data. Text of it may come from anywhere: it only ever becomes text nodes and attribute
// values, never markup.

const data = JSON.parse(document.getElementById('data').textContent);
const summary = data.summary;
