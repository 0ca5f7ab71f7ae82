using static TorchSharp.torch;

namespace Fovea.Runs;

/// <summary>How fast this machine makes the steps of a run, each timed once, when it is first asked for (<see cref="FastestTime"/>).</summary>
internal sealed class MachineSpeed(RunContext context)
{
    private double? _forward, _flop;

    /// <summary>Seconds of a forward pass of the run's network on one image of its input size, in a batch.</summary>
    public double Forward => _forward ??= MeasureForward();

    /// <summary>Seconds of a multiplication and addition in a matrix product, halved.</summary>
    public double Flop => _flop ??= MeasureFlop();

    private double MeasureForward()
    {
        const int Batch = 8;
        var settings = context.Settings;
        using var network = RecipeNetwork.Unloaded(context, settings.Model, context.Validation.Classes.Count);
        network.Eval();
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var input = zeros([Batch, 3, settings.Data.Crop, settings.Data.Crop]);
        return FastestTime.Of(() => network.Forward(input).Dispose()).TotalSeconds / Batch;
    }

    private static double MeasureFlop()
    {
        const int Size = 1024;
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var a = rand([Size, Size]);
        return FastestTime.Of(() => a.mm(a).Dispose()).TotalSeconds / (2.0 * Size * Size * Size);
    }
}
