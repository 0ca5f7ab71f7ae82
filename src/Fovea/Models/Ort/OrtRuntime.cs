using Microsoft.ML.OnnxRuntime;

namespace Fovea.Models.Ort;

/// <summary>ONNX Runtime's library in this process.</summary>
internal static class OrtRuntime
{
    private static readonly Lazy<(OrtEnv? Runtime, string? Problem)> Loaded = new(Load);

    /// <summary>Why it cannot be used here; null: it can.</summary>
    public static string? Problem => Loaded.Value.Problem;

    /// <summary>Its version; the empty text where it cannot be used.</summary>
    public static string Version => Loaded.Value.Runtime?.GetVersionString() ?? "";

    private static (OrtEnv? Runtime, string? Problem) Load()
    {
        try
        {
            OrtEnv runtime = OrtEnv.Instance();
            // On Windows it would report use to the system's event log.
            runtime.DisableTelemetryEvents();
            return (runtime, null);
        }
        catch (Exception e) when (e is TypeInitializationException or DllNotFoundException or BadImageFormatException
            or EntryPointNotFoundException or OnnxRuntimeException && !Shortage.Is(e))
        {
            // A system that it is not made for: libtorch reads there.
            return (null, $"ONNX Runtime cannot be loaded on this system: {(e.InnerException ?? e).Message.Split('\n')[0]}");
        }
    }
}
