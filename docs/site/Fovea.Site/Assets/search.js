// The search of every page. The index is a script beside this one, loaded when the search is first used: it works where pages are files.
'use strict';
(() => {
  const index = document.currentScript.dataset.index, root = index.replace(/[^/]*$/, '');
  const form = document.querySelector('form.search'), input = form.querySelector('input');
  const most = 30;
  let rows = null, list, status;

  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };

  function load() {
    if (rows) return;
    rows = [];
    const script = make('script', { src: index });
    script.onload = () => {
      rows = window.foveaIndex.map(([address, page, heading, text, weight]) => ({ address, page, heading, text, weight,
        name: (heading || page).toLowerCase(), head: parts(heading || page), whole: `${parts(`${page} ${heading}`)} ${text}`.toLowerCase() }));
      find();
    };
    document.head.append(script);
  }

  // Names of types by their parts too: "TopKOptions" is found by "options".
  const parts = name => {
    const apart = name.replace(/[\p{Ll}\p{N}](?=\p{Lu})|\p{Lu}(?=\p{Lu}\p{Ll})/gu, '$& ');
    return (apart === name ? name : `${name} ${apart}`).toLowerCase();
  };

  // Where a word begins with what is looked for, from a place on; with anywhere, inside words too.
  function place(text, word, from, anywhere) {
    let at = text.indexOf(word, from);
    while (!anywhere && at > 0 && /[\p{L}\p{N}]/u.test(text[at - 1])) at = text.indexOf(word, at + 1);
    return at;
  }

  // Words in a heading tell more than words below it. What kind of page it is, is the row's weight (SearchIndex.cs).
  function score(row, words, anywhere) {
    let sum = 0;
    for (const word of words) {
      let found = 0;
      for (let at = place(row.whole, word, 0, anywhere); at >= 0 && found < 8; at = place(row.whole, word, at + 1, anywhere)) found++;
      if (found === 0) return 0;
      sum += row.name === word ? 60 : row.name.startsWith(word) ? 40 : place(row.head, word, 0, anywhere) >= 0 ? 20 : found;
    }
    return sum * row.weight;
  }

  function excerpt(text, words, anywhere) {
    const low = text.toLowerCase();
    const at = Math.max(0, Math.min(...words.map(word => place(low, word, 0, anywhere)).filter(at => at >= 0).concat(low.length)));
    const start = at > 60 ? text.indexOf(' ', at - 60) + 1 : 0, piece = text.slice(start, start + 170);
    const line = make('span', { className: 'excerpt' }, start > 0 ? '… ' : '');
    let rest = piece;
    while (rest) {
      const next = words.map(word => [place(rest.toLowerCase(), word, 0, anywhere), word.length]).filter(([at]) => at >= 0).sort((a, b) => a[0] - b[0])[0];
      if (!next) break;
      line.append(rest.slice(0, next[0]), make('mark', {}, rest.slice(next[0], next[0] + next[1])));
      rest = rest.slice(next[0] + next[1]);
    }
    line.append(rest, piece.length < text.length - start ? ' …' : '');
    return line;
  }

  function find() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    list.replaceChildren();
    list.parentElement.hidden = words.length === 0;
    if (words.length === 0) return;
    // Inside words only where no word begins so.
    const search = anywhere => rows.map(row => [score(row, words, anywhere), row]).filter(([points]) => points > 0).sort((a, b) => b[0] - a[0]);
    let hits = search(false);
    const anywhere = hits.length === 0;
    if (anywhere) hits = search(true);
    status.textContent = hits.length === 0 ? 'Nothing found.' : hits.length > most ? `${hits.length} found, the best ${most} shown.` : `${hits.length} found.`;
    for (const [, row] of hits.slice(0, most))
      list.append(make('li', {}, make('a', { href: root + row.address }, make('strong', {}, row.heading || row.page),
        row.heading ? make('small', {}, row.page) : '', excerpt(row.text, words, anywhere))));
  }

  // Arrows walk from the field through the hits and back; Escape shuts them.
  function walk(event) {
    const links = [...list.querySelectorAll('a')], at = links.indexOf(document.activeElement);
    if (event.key === 'ArrowDown') (links[at + 1] ?? links.at(-1))?.focus();
    else if (event.key === 'ArrowUp') (at > 0 ? links[at - 1] : input).focus();
    else if (event.key === 'Escape') { input.value = ''; find(); input.focus(); }
    else return;
    event.preventDefault();
  }

  status = make('p', { role: 'status' });
  list = make('ol');
  form.append(make('div', { className: 'hits', hidden: true }, status, list));
  form.hidden = false;
  input.addEventListener('focus', load);
  input.addEventListener('input', () => { load(); find(); });
  form.addEventListener('keydown', walk);
  form.addEventListener('submit', event => { event.preventDefault(); list.querySelector('a')?.click(); });
  document.addEventListener('click', event => { if (!form.contains(event.target)) list.parentElement.hidden = true; });
  document.addEventListener('keydown', event => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input, textarea')) return;
    event.preventDefault();
    input.focus();
  });
})();
