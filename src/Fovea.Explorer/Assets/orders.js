// Looks how far ordered pictures are; once one is at its end, the page is asked for again.
'use strict';
{
  const start = () => {
    const open = [...document.querySelectorAll('[data-order]')].filter(item => item.dataset.order);
    if (open.length === 0) return;

    async function look(item) {
      const answer = await fetch(item.dataset.order, { headers: { accept: 'application/json' } });
      // An order that nobody knows any more is at its end as well.
      if (!answer.ok) return true;
      const { job } = await answer.json();
      if (job.state !== 'running' && job.state !== 'waiting') return true;
      const bar = item.querySelector('progress'), said = item.querySelector('.said');
      // It has begun since the page was made.
      if (job.state === 'running' && !bar) return true;
      if (bar && job.total > 0) {
        [bar.max, bar.value] = [job.total, job.done];
        said.textContent = `${item.dataset.word ?? 'Step'} ${job.done.toLocaleString('en')} of ${job.total.toLocaleString('en')}`;
      }
      return false;
    }

    async function again() {
      // The reader has gone on to another unit.
      if (!open[0].isConnected) return;
      try {
        const ended = await Promise.all(open.map(look));
        // A form that is being filled in is not thrown away, nor a reader called back who is going on to another unit.
        if (ended.includes(true) && open[0].isConnected && !document.querySelector('form.order :focus, .note-form :focus, main[aria-busy]')) {
          location.reload();
          return;
        }
      } catch {
        // The explorer has ended, or starts anew: ask more seldom.
        setTimeout(again, 5000);
        return;
      }
      setTimeout(again, 1000);
    }
    setTimeout(again, 500);
  };
  start();
  // Another unit has come into the page (walk.js).
  document.addEventListener('fovea:page', start);
}
