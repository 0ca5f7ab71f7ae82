using Fovea.Runs.Graph;

namespace Fovea.Runs;

/// <summary>Adds up what the stages of a run take.</summary>
internal static class WorkflowPlanner
{
    public static WorkflowPlan Plan(RunContext context, IReadOnlyList<StageDecision> decisions)
    {
<<<<<<< HEAD
        var settings = context.Settings;
        using var network = ImageModel.Create(settings.Model.Architecture, context.Validation.Classes.Count,
            new GradientFlow(settings.Model.AveragePooling, settings.Model.LeakySlope));
        network.Eval();
        double forward = SecondsAnImage(network, settings.Data.Crop);
        double images = 0, seconds = 10;
        long vectors = 0, bytes = 8L * 4 * network.Parameters.Values.Sum(parameter => parameter.numel());
        int validation = context.Validation.Count;
        seconds += 3.0 * validation * forward;
        if (settings.Train is { } train)
=======
        var speed = new MachineSpeed(context);
        return new WorkflowPlan(FreeBytes(context.Run.Root),
        [
            .. decisions.Select(decision =>
            {
                var cost = decision.Action == StageAction.Skip ? new StageCost(0) : decision.Stage.Cost(context, speed);
                return new StagePlan(decision.Stage.Name, decision.Action.ToString().ToLowerInvariant(), cost.Images, cost.Vectors, cost.Bytes, cost.Seconds / 60);
            }),
        ]);
    }

    /// <summary>Bytes free where a folder is, or would be; null where that cannot be known: of a drive that does not exist, or of a network share.</summary>
    public static long? FreeBytes(string folder)
    {
        string? existing = folder;
        // The root of a path has nothing above it, also where it does not exist.
        while (existing is not null && !Directory.Exists(existing)) existing = Path.GetDirectoryName(existing);
        if (existing is null) return null;
        try
>>>>>>> main
        {
            return new DriveInfo(existing).AvailableFreeSpace;
        }
        catch (Exception e) when (e is ArgumentException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
<<<<<<< HEAD
        return new WorkflowPlan((long)images, vectors, bytes, FreeBytes(context.Run.Root), seconds / 60);
    }

    private static double Pictures(WorkflowSettings settings, FeatureSettings features)
    {
        int sources = settings.Harvest!.Layers.Count + settings.Dictionary.Count;
        return sources * (features.Seeds * (features.Pictures + features.SideBySide * features.Presets.Count) + 2.0 * features.CompareUnits * Math.Max(1, features.Compare.Count));
    }

    /// <summary>Pictures may be smaller than the network's input.</summary>
    private static double Scale(FeatureSettings features, int crop) => features.Size > 0 ? (double)features.Size * features.Size / ((double)crop * crop) : 1;

    private static double SecondsAnImage(ImageModel network, int size)
    {
        const int Batch = 8;
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var input = zeros([Batch, 3, size, size]);
        return FastestTime.Of(() => network.Forward(input).Dispose()).TotalSeconds / Batch;
    }

    private static double SecondsAFlop()
    {
        const int Size = 1024;
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var a = rand([Size, Size]);
        return FastestTime.Of(() => a.mm(a).Dispose()).TotalSeconds / (2.0 * Size * Size * Size);
    }

    private static Dictionary<string, (int Channels, int Positions)> Shapes(ImageModel network, IReadOnlyList<string> layers, int size)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var taps = new Probe(layers);
        var result = network.Forward(zeros([1, 3, size, size]), taps);
        return layers.ToDictionary(layer => layer, layer => result[layer].shape is [_, var c, var h, var w]
            ? ((int)c, (int)(h * w))
            : throw FoveaException.BadConfiguration($"Layer {layer} gives no grid of vectors [N, C, H, W]. Choose a convolutional layer."));
    }

    private static long FreeBytes(string folder)
    {
        while (!Directory.Exists(folder)) folder = Path.GetDirectoryName(folder)!;
        return new DriveInfo(folder).AvailableFreeSpace;
=======
>>>>>>> main
    }
}
