using Fovea.Models;
using Fovea.Runs.Settings;
using static TorchSharp.torch;

namespace Fovea.Runs;

/// <summary>The network of a run, as its recipe has it read.</summary>
public static class RunModel
{
    /// <summary>Opens the network that a run's first stage left.</summary>
    /// <param name="run">The run.</param>
    /// <param name="settings">Its recipe.</param>
    /// <param name="device">Where the network goes; null: main memory.</param>
    /// <param name="said">Told of each engine that reads the network, before it does; null: nobody asks.</param>
    /// <returns>The caller's; it reads with the engine of <c>[model] engine</c>.</returns>
    /// <exception cref="FoveaException">Data: the files are missing or damaged.</exception>
    public static ImageModel Load(
        RunFolder run, WorkflowSettings settings, Device? device = null, Action<ReadingEngine>? said = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(settings);
        ImageModel model = ModelFile.Load(run.Model, device);
        (model.Engine, model.EngineChosen) = (EngineOf(settings.Model), said);
        return model;
    }

    /// <summary>The choice of <c>[model] engine</c>.</summary>
    internal static EngineChoice EngineOf(ModelSettings settings) => settings.Engine switch
    {
        ReadingEngine.OnnxRuntime => EngineChoice.OnnxRuntime,
        ReadingEngine.Torch => EngineChoice.Torch,
        _ => EngineChoice.Auto,
    };
}
