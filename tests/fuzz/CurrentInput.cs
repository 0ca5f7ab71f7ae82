using System.Diagnostics;
using System.IO.MemoryMappedFiles;

namespace Fovea.Fuzz;

/// <summary>The input that is being read, where another process finds it when this one is gone; and what ends this one when it hangs.</summary>
internal sealed class CurrentInput : IDisposable
{
    /// <summary>The exit code of a process whose reader did not come back, and that ended itself.</summary>
    public const int Hung = 137;

    private const int Header = 16;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly Timer _watch;
    private long _number;
    private (long Number, TimeSpan Processor) _seen;
    private bool _reads;

    public CurrentInput(string folder)
    {
        _file = MemoryMappedFile.CreateFromFile(Path.Combine(folder, "current"), FileMode.Create, null, Header + Limits.Input + 1024);
        _view = _file.CreateViewAccessor();
        _watch = new Timer(_ => Watch(), null, 1000, 1000);
    }

    /// <summary>What <paramref name="folder"/>'s last process was reading.</summary>
    public static (long Number, byte[] Input) Last(string folder)
    {
        byte[] all = File.ReadAllBytes(Path.Combine(folder, "current"));
        int length = Math.Clamp(BitConverter.ToInt32(all, 8), 0, all.Length - Header);
        return (BitConverter.ToInt64(all, 0), all[Header..(Header + length)]);
    }

    public void Begin(byte[] input, long number)
    {
        _view.Write(0, number);
        _view.Write(8, input.Length);
        _view.WriteArray(Header, input, 0, Math.Min(input.Length, Limits.Input + 1024));
        Interlocked.Increment(ref _number);
        Volatile.Write(ref _reads, true);
    }

    public void End() => Volatile.Write(ref _reads, false);

    public void Dispose()
    {
        _watch.Dispose();
        _view.Dispose();
        _file.Dispose();
    }

    private void Watch()
    {
        // By the processor's time: a machine that others use does not make a hang.
        using Process own = Process.GetCurrentProcess();
        long number = Interlocked.Read(ref _number);
        if (number != _seen.Number || !Volatile.Read(ref _reads)) _seen = (number, own.TotalProcessorTime);
        // Ended from outside: an orderly end would take the libraries away from under the reader.
        else if (own.TotalProcessorTime - _seen.Processor > Limits.Patience) own.Kill();
    }
}
