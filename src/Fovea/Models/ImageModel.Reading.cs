namespace Fovea.Models;

/// <summary>Reading alone, by the fastest engine.</summary>
public sealed partial class ImageModel
{
    /// <summary>
    /// Which engine <see cref="Reader"/> takes; all views of the network share it. <see cref="Forward(TorchSharp.torch.Tensor, Probe)"/> is
    /// libtorch's.
    /// </summary>
    public EngineChoice Engine
    {
        get => _reading.Choice;
        set => _reading.Choice = value;
    }

    /// <summary>Told of each reader's engine.</summary>
    internal Action<ReadingEngine>? EngineChosen
    {
        get => _reading.Chosen;
        set => _reading.Chosen = value;
    }

    /// <summary>
    /// Reads some values for batch after batch of images of the preprocessing's size. Made once for many: at first the network is written
    /// for ONNX Runtime and tried.
    /// </summary>
    /// <param name="probe">What is wanted; no edits and no gradients.</param>
    /// <returns>The caller's; it must be disposed before the network.</returns>
    /// <exception cref="FoveaException">A layer does not exist; or <see cref="Engine"/> asks for ONNX Runtime, which cannot read
    /// it.</exception>
    public ModelReader Reader(Probe probe)
    {
        ArgumentNullException.ThrowIfNull(probe);
        var reader = new ModelReader(this, probe, _reading.Sessions, _reading.Choice);
        _reading.Chosen?.Invoke(reader.Engine);
        return reader;
    }

    /// <summary>What all views of a network share for reading.</summary>
    private sealed class Reading : IDisposable
    {
        public EngineChoice Choice { get; set; }

        public Action<ReadingEngine>? Chosen { get; set; }

        public Ort.OrtSessions Sessions { get; } = new();

        public void Dispose() => Sessions.Dispose();
    }
}
