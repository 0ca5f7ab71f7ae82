using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;

namespace Fovea.Fuzz;

/// <summary>The largest memory of this process since it was last asked, as Linux counts it; elsewhere always 0.</summary>
internal sealed class NativePeak : IDisposable
{
    private readonly SafeFileHandle? _reset, _status;
    private readonly byte[] _text = new byte[4096];

    public NativePeak()
    {
        if (!OperatingSystem.IsLinux()) return;
        _reset = File.OpenHandle("/proc/self/clear_refs", FileMode.Open, FileAccess.Write);
        _status = File.OpenHandle("/proc/self/status");
    }

    /// <summary>Begins anew; what there is now.</summary>
    public long Begin()
    {
        // 5: the peak, and nothing else.
        if (_reset is not null) RandomAccess.Write(_reset, "5"u8, 0);
        return Value();
    }

    /// <summary>The peak.</summary>
    public long Value()
    {
        if (_status is null) return 0;
        ReadOnlySpan<byte> text = _text.AsSpan(0, RandomAccess.Read(_status, _text, 0));
        int at = text.IndexOf("VmHWM:"u8);
        if (at < 0) return 0;
        text = text[(at + 6)..].TrimStart(" \t"u8);
        return Utf8Parser.TryParse(text, out long kilobytes, out _) ? kilobytes * 1024 : 0;
    }

    public void Dispose()
    {
        _reset?.Dispose();
        _status?.Dispose();
    }
}
