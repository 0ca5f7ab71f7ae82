using System.Runtime.InteropServices;

namespace Fovea.Cli.Terminal;

/// <summary>
/// Ctrl+C and SIGTERM: the first asks the work to write its checkpoint and end, for which it has two minutes; the second ends the process
/// at once. SIGUSR1, which batch systems send ahead of a time limit, asks for the same as SIGTERM; the SIGTERM that comes when the time is up
/// is then the first.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(120);
    private readonly CancellationTokenSource _cancel = new();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly TextWriter? _error;
    private Timer? _deadline;
    private int _exitCode, _codeAhead;

    private Interruption(TextWriter? error) => _error = error;

    /// <summary>Cancelled at the first signal.</summary>
    public CancellationToken Token => _cancel.Token;

    /// <summary>130 or 143 once a signal came, else 0.</summary>
    public int ExitCode => Volatile.Read(ref _exitCode) is not 0 and var code ? code : Volatile.Read(ref _codeAhead);

    /// <summary>Listens to the process's signals.</summary>
    public static Interruption OfProcess(TextWriter error)
    {
        var interruption = new Interruption(error);
        interruption._registrations.Add(
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => interruption.OnSignal(context, Terminal.ExitCode.Interrupted)));
        interruption._registrations.Add(
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => interruption.OnSignal(context, Terminal.ExitCode.Terminated)));
        // .NET has no name for it; where it is not handled, it ends the process.
        if (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS())
            interruption._registrations.Add(PosixSignalRegistration.Create((PosixSignal)(OperatingSystem.IsLinux() ? 10 : 30), context =>
            {
                context.Cancel = true;
                interruption.TimeIsNearlyUp();
            }));
        return interruption;
    }

    /// <summary>
    /// Takes the end of the process's input for an interruption, where who started it asks for that
    /// (<c>FOVEA_END_WITH_INPUT=1</c>): a parent's pipe is closed however the parent ends.
    /// </summary>
    public void EndWithInput(Func<Stream> open)
    {
        if (Environment.GetEnvironmentVariable("FOVEA_END_WITH_INPUT") != "1") return;
        var thread = new Thread(() =>
        {
            using Stream input = open();
            Span<byte> ignored = stackalloc byte[256];
            while (input.Read(ignored) > 0)
            {
            }
            End(Terminal.ExitCode.Terminated);
        })
        { IsBackground = true, Name = "end of input" };
        thread.Start();
    }

    /// <summary>Listens to nothing; for tests, which raise it themselves.</summary>
    public static Interruption Manual() => new(null);

    /// <summary>As the first signal does.</summary>
    public void Raise(int exitCode)
    {
        Interlocked.CompareExchange(ref _exitCode, exitCode, 0);
        _cancel.Cancel();
    }

    /// <summary>Asks the work to end, without a word of ending at once: whoever sends this sends SIGTERM later.</summary>
    private void TimeIsNearlyUp()
    {
        if (_cancel.IsCancellationRequested) return;
        _error?.WriteLine("Time is nearly up: ending at the next checkpoint.");
        Volatile.Write(ref _codeAhead, Terminal.ExitCode.Terminated);
        _cancel.Cancel();
    }

    private void OnSignal(PosixSignalContext context, int exitCode)
    {
        context.Cancel = true;
        End(exitCode);
    }

    private void End(int exitCode)
    {
        // Signals may be handled side by side: whichever comes second ends the process, however far the first one is.
        if (Interlocked.CompareExchange(ref _exitCode, exitCode, 0) is not 0 and var first) ProcessEnd.Now(first);
        _error?.WriteLine("Interrupted: ending at the next checkpoint (once more: at once).");
        // The work runs on; only if it does not end by itself does the process end without it.
        _deadline = new Timer(_ => ProcessEnd.Now(exitCode), null, Grace, Timeout.InfiniteTimeSpan);
        Raise(exitCode);
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
        _deadline?.Dispose();
        _cancel.Dispose();
    }
}
