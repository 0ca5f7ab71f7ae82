// Own images: brings them, walks over their positions, and makes changes while a slider moves. The address holds the whole state, so that it
// can be kept, sent and gone back to; parts of the page come from the server as it would write them without script.
'use strict';
(() => {
  const api = (image, what, query) => `/api/x/${encodeURIComponent(image)}/${what}${query}`;
  const root = () => document.getElementById('live');

  // --- Bringing images ---
  async function send(file, say) {
    say(`Reading ${file.name || 'the picture'} …`);
    const answer = await fetch(`/api/images?name=${encodeURIComponent(file.name || 'pasted picture')}`, { method: 'POST', body: file, headers: { 'Content-Type': 'application/octet-stream' } });
    const image = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(image.error), { said: true });
    return image;
  }

  const most = 20;

  // Of several pictures the first two stand side by side; all are among those that were looked at.
  async function bring(files, asSecond) {
    const said = document.querySelector('.live-drop output'), images = [], wrong = [];
    const say = text => { if (said) said.textContent = text; };
    // A list that was dropped is empty after the first wait.
    const wanted = [...files];
    if (wanted.length > most) wrong.push(`At most ${most} pictures are taken at a time.`);
    for (const file of wanted.slice(0, most)) {
      try {
        images.push(await send(file, say));
      } catch (error) {
        wrong.push(error.said ? error.message : 'The picture could not be sent: is the explorer still running?');
      }
    }
    const address = images.length > 1 ? `${images[0].address}?beside=${encodeURIComponent(images[1].id)}` : images[0]?.address;
    // What is wrong with one is not swept away by the page of another.
    if (wrong.length) {
      say(wrong.join(' '));
      if (said && address) said.append(' ', Object.assign(document.createElement('a'), { href: address, textContent: images.length > 1 ? 'Look at the others' : 'Look at the other' }));
    } else if (!asSecond || !root()) {
      if (address) location.assign(address);
    } else {
      say('');
      const query = new URLSearchParams(location.search);
      query.set('beside', images[0].id);
      await go(`?${query}`, true);
    }
  }

  function bindDrop() {
    for (const form of document.querySelectorAll('[data-live-drop]')) {
      // Without this script a form sends one.
      form.querySelector('input[type=file]').multiple = true;
      form.addEventListener('submit', event => {
        event.preventDefault();
        bring(form.querySelector('input[type=file]').files, false);
      });
    }
  }

  const isFile = event => [...(event.dataTransfer?.types ?? [])].includes('Files');
  document.addEventListener('dragover', event => {
    if (!isFile(event)) return;
    event.preventDefault();
    document.body.classList.add('live-over');
  });
  document.addEventListener('dragleave', event => { if (!event.relatedTarget) document.body.classList.remove('live-over'); });
  document.addEventListener('drop', event => {
    document.body.classList.remove('live-over');
    if (!isFile(event)) return;
    event.preventDefault();
    // A second picture goes beside the first; on the form it takes its place.
    bring(event.dataTransfer.files, !event.target.closest('[data-live-drop]'));
  });
  document.addEventListener('paste', event => {
    const files = event.clipboardData?.files ?? [];
    if (files.length) bring(files, false);
  });
  const ofRun = document.getElementById('live-of-run');
  ofRun?.addEventListener('submit', event => {
    event.preventDefault();
    const number = ofRun.querySelector('input').value;
    if (/^[0-9]+$/.test(number)) location.assign(`/x/run-${number}`);
  });

  // --- The page as a state ---
  let loading = null, depth = history.state?.depth ?? 0, deepest = depth;

  function remember() {
    const active = document.activeElement, row = active?.closest?.('li[data-edit]');
    if (row) return `li[data-edit="${row.dataset.edit}"] ${active.matches('input') ? 'input' : 'a'}`;
    if (active?.id) return `#${CSS.escape(active.id)}`;
    if (active?.matches?.('[data-live-picture]')) return '[data-live-picture]';
    const name = active?.getAttribute?.('aria-label');
    return name ? `[aria-label="${CSS.escape(name)}"]` : null;
  }

  async function go(query, push) {
    loading?.abort();
    const mine = loading = new AbortController(), focus = remember();
    root().classList.add('busy');
    try {
      const answer = await fetch(`${location.pathname}${query}`, { signal: mine.signal });
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html'), next = page.getElementById('live');
      if (!next) { location.assign(`${location.pathname}${query}`); return; }
      if (push) {
        depth += 1;
        deepest = depth;
        history.pushState({ depth }, '', `${location.pathname}${query}`);
      }
      root().replaceWith(next);
      document.title = page.title;
      bind();
      if (focus) document.querySelector(focus)?.focus({ preventScroll: true });
    } catch (error) {
      if (error.name !== 'AbortError') root()?.classList.remove('busy');
    }
  }

  addEventListener('popstate', event => {
    depth = event.state?.depth ?? 0;
    if (root()) go(location.search, false);
  });

  const undo = () => { if (depth > 0) history.back(); };
  const redo = () => { if (depth < deepest) history.forward(); };

  // --- Positions ---
  let grid = null, gridOf = '', pointed = null;

  async function gridNow() {
    const { image, layer, source } = root().dataset, key = `${image}\n${layer}\n${source}`;
    if (gridOf === key) return grid;
    const answer = await fetch(api(image, 'grid', `?${new URLSearchParams({ layer, source, most: 12 })}`));
    if (!answer.ok) return null;
    [grid, gridOf] = [await answer.json(), key];
    return grid;
  }

  const number = value => {
    const size = Math.abs(value);
    return (size >= 100 ? value.toFixed(1) : size >= 1 ? value.toFixed(3) : value.toFixed(4)).replace(/\.?0+$/, '').replace('-', '−');
  };

  async function point(row, column) {
    const { rows, columns, word } = root().dataset;
    row = Math.max(0, Math.min(rows - 1, row));
    column = Math.max(0, Math.min(columns - 1, column));
    if (pointed && pointed[0] === row && pointed[1] === column) return;
    pointed = [row, column];
    const mark = root().querySelector('.live-cells .pointed');
    mark.setAttribute('x', column);
    mark.setAttribute('y', row);
    mark.setAttribute('visibility', 'visible');
    const found = await gridNow();
    if (!found || !pointed || pointed[0] !== row || pointed[1] !== column) return;
    const box = root().querySelector('.live-cell'), units = found.cells[row * found.columns + column];
    const title = document.createElement('h3');
    title.textContent = `Row ${row + 1}, column ${column + 1}`;
    if (units.length === 0) {
      const nothing = document.createElement('p');
      nothing.className = 'said';
      nothing.textContent = `No ${word} answers here.`;
      box.replaceChildren(title, nothing);
      return;
    }
    const list = document.createElement('ul');
    for (const { unit, value } of units) {
      const entry = document.createElement('li'), link = document.createElement('a'), size = document.createElement('span');
      const query = new URLSearchParams(location.search);
      query.set('layer', root().dataset.layer);
      query.set('source', root().dataset.source);
      query.delete('at');
      query.set('unit', unit);
      query.set('cell', `${row}.${column}`);
      link.href = `${location.pathname}?${query}`;
      link.dataset.go = '';
      link.textContent = unit;
      size.textContent = ` ${number(value)}`;
      entry.append(link, size);
      list.append(entry);
    }
    box.replaceChildren(title, list);
  }

  function choose() {
    if (!pointed) return;
    const query = new URLSearchParams(location.search);
    query.set('layer', root().dataset.layer);
    query.set('source', root().dataset.source);
    query.delete('at');
    query.set('cell', `${pointed[0]}.${pointed[1]}`);
    go(`?${query}`, true);
  }

  function bindPicture() {
    const picture = root().querySelector('[data-live-picture][tabindex]');
    if (!picture) return;
    const { rows, columns, cell } = root().dataset;
    const at = event => {
      const box = picture.getBoundingClientRect();
      return [Math.floor((event.clientY - box.top) / box.height * rows), Math.floor((event.clientX - box.left) / box.width * columns)];
    };
    picture.addEventListener('pointermove', event => point(...at(event)));
    picture.addEventListener('click', event => point(...at(event)).then(choose));
    picture.addEventListener('keydown', event => {
      const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
      const start = pointed ?? (cell ? cell.split('.').map(Number) : null);
      if (step) {
        event.preventDefault();
        point(...(start ? [start[0] + step[0], start[1] + step[1]] : [Math.floor(rows / 2), Math.floor(columns / 2)]));
      } else if (event.key === 'Enter' || event.key === ' ') {
        event.preventDefault();
        if (!pointed && start) pointed = start;
        choose();
      }
    });
  }

  // --- Changes ---
  let asking = false, wanted = null;

  const edits = () => [...root().querySelectorAll('li[data-edit]')];
  const changed = (text, value) => text.replace(/:(set|add)?[-+0-9.eE]+/, (_, kind) => `:${kind ?? ''}${value}`);

  function query() {
    const state = new URLSearchParams(location.search), { layer, source, error } = root().dataset;
    state.delete('at');
    state.set('layer', layer);
    state.set('source', source);
    const steer = edits().map(row => row.dataset.text).join(',');
    if (steer) state.set('steer', steer); else state.delete('steer');
    if (error === 'dropped') state.set('error', 'dropped'); else state.delete('error');
    return `?${state}`;
  }

  const percent = share => `${share > 0 && share < 0.0005 ? Number((100 * share).toFixed(3)) : (100 * share).toFixed(1)}\u00a0%`;

  function show(table, classes, watched) {
    const rows = classes.map(one => {
      const row = document.createElement('tr'), name = document.createElement('th'), meter = document.createElement('span');
      if (watched !== null && one.class === Number(watched)) row.className = 'watched';
      name.scope = 'row';
      name.textContent = one.name;
      meter.className = 'meter two';
      for (const share of [one.before, one.after]) {
        const bar = document.createElement('span');
        bar.style.width = `${100 * share}%`;
        meter.append(bar);
      }
      name.append(meter);
      row.append(name);
      const change = one.logitAfter - one.logitBefore;
      for (const text of [percent(one.before), percent(one.after), Math.abs(change) < 5e-5 ? '0' : `${change > 0 ? '+' : ''}${number(change)}`]) {
        const cell = document.createElement('td');
        cell.className = 'num';
        cell.textContent = text;
        row.append(cell);
      }
      return row;
    });
    table.tBodies[0].replaceChildren(...rows);
  }

  // One question at a time, and the last one asked is always answered.
  async function ask() {
    wanted = query();
    if (asking) return;
    asking = true;
    try {
      while (wanted) {
        const now = wanted;
        wanted = null;
        for (const column of root().querySelectorAll('.live-column')) {
          const answer = await fetch(api(column.dataset.column, 'steer', now));
          if (!answer.ok) break;
          const outcome = await answer.json(), table = column.querySelector('[data-live-classes]');
          if (table && outcome.classes.length) show(table, outcome.classes, new URLSearchParams(now).get('class'));
        }
      }
    } catch {
      // The explorer has ended, or the page is left: what is shown stays.
    } finally {
      asking = false;
    }
  }

  function bindChanges() {
    for (const row of edits()) {
      const slider = row.querySelector('input[type=range]'), said = row.querySelector('output');
      const rest = said.textContent.replace(/^[=+×] [−0-9.]+/, ''), sign = said.textContent[0];
      slider.addEventListener('input', () => {
        row.dataset.text = changed(row.dataset.text, slider.value);
        said.textContent = `${sign} ${slider.value.replace('-', '−')}${rest}`;
        slider.setAttribute('aria-valuetext', said.textContent);
        ask();
      });
      slider.addEventListener('change', () => go(query(), true));
    }
    root().querySelector('[data-undo]')?.addEventListener('click', undo);
    root().querySelector('[data-redo]')?.addEventListener('click', redo);
    for (const button of root().querySelectorAll('[data-undo]')) button.disabled = depth === 0;
    for (const button of root().querySelectorAll('[data-redo]')) button.disabled = depth >= deepest;
  }

  function bindChoice() {
    const form = root().querySelector('.live-choice');
    form?.addEventListener('submit', event => {
      event.preventDefault();
      const state = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ''));
      go(`?${state}`, true);
    });
    // Another layer has other units and positions.
    form?.querySelector('#live-at')?.addEventListener('change', () => {
      form.querySelector('#live-unit').value = '';
      form.querySelector('#live-cell').value = '';
    });
    for (const list of form?.querySelectorAll('select') ?? []) list.addEventListener('change', () => form.requestSubmit());
  }

  function bind() {
    pointed = null;
    bindDrop();
    if (!root()) return;
    bindChoice();
    bindPicture();
    bindChanges();
  }

  document.addEventListener('click', event => {
    const link = event.target.closest('a[data-go]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0 || link.pathname !== location.pathname) return;
    event.preventDefault();
    go(link.search, true);
  });
  document.addEventListener('keydown', event => {
    if (!root() || event.target.matches('input:not([type=range]), select, textarea') || !(event.ctrlKey || event.metaKey)) return;
    const key = event.key.toLowerCase();
    if (key === 'z' && !event.shiftKey) { event.preventDefault(); undo(); }
    else if (key === 'y' || (key === 'z' && event.shiftKey)) { event.preventDefault(); redo(); }
  });
  bind();
})();
