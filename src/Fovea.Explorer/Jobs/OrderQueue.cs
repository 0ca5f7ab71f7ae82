using Fovea.Explorer.Contents;
using Fovea.Explorer.Server;

namespace Fovea.Explorer.Jobs;

/// <summary>
/// The orders of one kind of an explorer, made one after the other. Equal orders are one; so many may wait and no more; those that are done
/// are remembered until others take their place.
/// </summary>
internal abstract class OrderQueue<TOrder> : IAsyncDisposable
    where TOrder : class, IOrder
{
    private const int MostRemembered = 200;

    private readonly ExplorerContext _context;
    private readonly Lock _lock = new();
    private readonly List<Entry> _entries = [];
    private readonly SemaphoreSlim _news = new(0);
    private readonly Task _work;

    protected OrderQueue(ExplorerContext context)
    {
        _context = context;
        _work = Task.Run(WorkAsync);
    }

    /// <summary>Whether orders are taken; else why not.</summary>
    public string? Refusal => _context.ReadOnly ? $"This explorer is read-only: it {Work}."
        : _context.Options.Program.Count == 0 ? "This explorer was started without the program that does this." : null;

    /// <summary>What a read-only explorer does not do: <c>makes no pictures</c>.</summary>
    protected abstract string Work { get; }

    /// <summary>Most orders that wait.</summary>
    protected abstract int MostWaiting { get; }

    /// <summary>What orders are called together: <c>pictures</c>.</summary>
    protected abstract string Things { get; }

    /// <summary>Refuses what cannot be made.</summary>
    /// <exception cref="FoveaException">Configuration: it cannot.</exception>
    protected abstract void Check(TOrder order, RunContents run);

    /// <summary>Takes an order, or finds the equal one that is open.</summary>
    /// <exception cref="FoveaException">Configuration: it cannot be made; resource: too many wait.</exception>
    public Job<TOrder> Add(TOrder order)
    {
        Check(order, _context.Run.Contents);
        string id = order.Id;
        lock (_lock)
        {
            if (_entries.Find(entry => entry.Id == id) is { IsOpen: true } open) return Look(open);
            if (_entries.Count(entry => entry.State == JobState.Waiting) >= MostWaiting)
                throw FoveaException.OutOfResource($"{MostWaiting} {Things} wait already. Try again when some are done, or cancel one.");
            _entries.RemoveAll(entry => entry.Id == id);
            if (_entries.Count >= MostRemembered) _entries.Remove(_entries.First(entry => !entry.IsOpen));
            var entry = new Entry(id, order, CancellationTokenSource.CreateLinkedTokenSource(_context.Stopping));
            _entries.Add(entry);
            _news.Release();
            return Look(entry);
        }
    }

    /// <summary>An order; null where there is none of that name.</summary>
    public Job<TOrder>? Find(string id)
    {
        lock (_lock) return _entries.Find(entry => entry.Id == id) is { } entry ? Look(entry) : null;
    }

    /// <summary>All orders that are remembered, the newest first.</summary>
    public IReadOnlyList<Job<TOrder>> All()
    {
        lock (_lock) return [.. _entries.Select(Look).Reverse()];
    }

    /// <summary>Ends an order that is open, and leaves others as they are.</summary>
    /// <returns>The order; null where there is none of that name.</returns>
    public Job<TOrder>? Cancel(string id)
    {
        lock (_lock)
        {
            if (_entries.Find(entry => entry.Id == id) is not { } entry) return null;
            if (entry.State == JobState.Waiting) entry.State = JobState.Cancelled;
            if (entry.IsOpen) entry.Cancellation.Cancel();
            return Look(entry);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // The context has asked everything to stop: the work ends once its process has.
        await _work;
        foreach (Entry entry in _entries) entry.Cancellation.Dispose();
        _news.Dispose();
    }

    private async Task WorkAsync()
    {
        try
        {
            while (true)
            {
                await _news.WaitAsync(_context.Stopping);
                Entry? next;
                lock (_lock)
                {
                    next = _entries.Find(entry => entry.State == JobState.Waiting);
                    if (next is not null) next.State = JobState.Running;
                }
                if (next is not null) await MakeAsync(next);
            }
        }
        catch (OperationCanceledException)
        {
            // The explorer ends.
        }
    }

    private async Task MakeAsync(Entry entry)
    {
        string? wrong = null;
        string output = "";
        JobState end = JobState.Done;
        try
        {
            (wrong, output) = await OrderProcess.RunAsync(
                _context.Options.Program, entry.Order.Arguments(_context.Run.Reader.Name), entry.Progress, entry.Cancellation.Token);
            if (wrong is not null) end = JobState.Failed;
        }
        catch (OperationCanceledException)
        {
            end = JobState.Cancelled;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            (end, wrong) = (JobState.Failed, e.Message);
        }
        lock (_lock)
        {
            entry.State = end;
            entry.Output = output;
            entry.Message = wrong?.Replace(_context.Run.Reader.Name, "RUN", StringComparison.Ordinal) ?? "";
        }
    }

    private Job<TOrder> Look(Entry entry) => new(entry.Id, entry.Order, entry.State, entry.Done, entry.Total,
        entry.State == JobState.Waiting ? _entries.TakeWhile(other => other != entry).Count(other => other.IsOpen) : 0, entry.Message)
    { Output = entry.Output };

    private sealed class Entry(string id, TOrder order, CancellationTokenSource cancellation)
    {
        private long _done, _total;

        public string Id => id;

        public TOrder Order => order;

        public CancellationTokenSource Cancellation => cancellation;

        public JobState State { get; set; }

        public string Message { get; set; } = "";

        public string Output { get; set; } = "";

        public long Done => Interlocked.Read(ref _done);

        public long Total => Interlocked.Read(ref _total);

        public bool IsOpen => State is JobState.Waiting or JobState.Running;

        public void Progress(long done, long total)
        {
            Interlocked.Exchange(ref _done, done);
            Interlocked.Exchange(ref _total, total);
        }
    }
}
