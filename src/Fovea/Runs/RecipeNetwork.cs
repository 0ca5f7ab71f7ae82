using Fovea.Checkpoints;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Runs.Settings;

namespace Fovea.Runs;

/// <summary>The network that a recipe's table names: of the catalogue, or from a file.</summary>
internal static class RecipeNetwork
{
    /// <summary>The network with the weights its settings name, or fresh ones, on the run's device.</summary>
    /// <exception cref="FoveaException">A file is missing, damaged or another network's, or the network has not an output for each
    /// class.</exception>
    public static ImageModel Build(RunContext context, ModelSettings settings, int classes, Preprocessing? preprocessing = null)
    {
        preprocessing ??= context.Preprocessing;
        ImageModel network = settings.Network is null
            ? OfCatalogue(context, settings, classes, preprocessing) : FromFile(context, settings, classes, preprocessing, context.Log);
        try
        {
            network.MoveTo(context.Device);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Refuses what <see cref="Build"/> would refuse; of weights for a network of the catalogue, names and shapes are read and no more.
    /// </summary>
    /// <exception cref="FoveaException">As <see cref="Build"/>, but for damage inside a tensor.</exception>
    public static void RequireFit(RunContext context, ModelSettings settings, int classes)
    {
        if (settings.Network is not null)
        {
            // What it says is said when the network is opened to be used.
            FromFile(context, settings, classes, context.Preprocessing, _ => { }).Dispose();
            return;
        }
        using ImageModel network = Architectures.Get(settings.Architecture).Create(classes, Flow(settings), context.Preprocessing);
        if (settings.Weights is null) return;
        string path = context.Resolve(settings.Weights);
        using var weights = StateDict.LoadShapes(path, settings.WeightsKey);
        foreach (string note in weights.RequireFit(network.State, network.Architecture, path)) context.Log(DataReport.Warning + note);
    }

    /// <summary>The network where only shapes and times matter: a catalogue's without its weights, in main memory.</summary>
    public static ImageModel Unloaded(RunContext context, ModelSettings settings, int classes) => settings.Network is null
        ? ImageModel.Create(settings.Architecture, classes, Flow(settings))
            : FromFile(context, settings, classes, context.Preprocessing, _ => { });

    private static GradientFlow Flow(ModelSettings settings) => new(settings.AveragePooling, settings.LeakySlope);

    private static ImageModel OfCatalogue(RunContext context, ModelSettings settings, int classes, Preprocessing preprocessing)
    {
        ImageModel network = Architectures.Get(settings.Architecture).Create(classes, Flow(settings), preprocessing);
        try
        {
            if (settings.Weights is null) network.Initialise(context.Settings.Seed);
            else
            {
                string path = context.Resolve(settings.Weights);
                using var weights = StateDict.Load(path, settings.WeightsKey);
                foreach (string note in network.CopyFrom(weights, path)) context.Log(DataReport.Warning + note);
            }
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private static ImageModel FromFile(
        RunContext context, ModelSettings settings, int classes, Preprocessing preprocessing, Action<string> log)
    {
        string path = context.Resolve(settings.Network!);
        using ImportedNetwork imported = NetworkFile.Open(path, settings.Output, classes);
        foreach (string note in imported.Notes) log(DataReport.Warning + note);
        foreach (string note in ImagePreparation.Compare(path, imported, preprocessing)) log(DataReport.Warning + note);
        log($"{path} does not say what images go through first; [data] does: {ImagePreparation.InWords(preprocessing)}");
        TokenGrid? tokens = settings.Tokens is null ? null : TokenGrid.Parse(settings.Tokens, settings.Prefix);
        ImageModel network = imported.ToModel(preprocessing, flow: Flow(settings), tokens: tokens);
        if (network.Outputs == classes) return network;
        using (network)
        {
            throw FoveaException.BadConfiguration(
                $"{path} answers with {network.Outputs} numbers ({imported.Answer}) and the data have {classes} classes. "
                + $"Name another output ([model] output; there are "
                    + $"{string.Join(", ", imported.Outputs.Select(one => one.Name))}), or the classes that the network knows ([data] "
                        + $"classes).");
        }
    }
}
