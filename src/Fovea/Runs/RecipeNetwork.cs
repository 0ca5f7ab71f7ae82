using System.Globalization;
using Fovea.Checkpoints;
using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Models.Graph;
using Fovea.Runs.Settings;

namespace Fovea.Runs;

/// <summary>The network that a recipe's table names: of the catalogue, or from a file; with its classes, others, or none.</summary>
internal static class RecipeNetwork
{
    /// <summary>The network with the weights its settings name, or fresh ones, on the run's device.</summary>
    /// <exception cref="FoveaException">A file is missing, damaged or another network's, or the network has not an output for each
    /// class.</exception>
    public static ImageModel Build(RunContext context, ModelSettings settings, int classes, Preprocessing? preprocessing = null)
    {
        preprocessing ??= context.Preprocessing;
        ImageModel network = settings.Network is null
            ? OfCatalogue(context, settings, classes, preprocessing) : FromFile(context, settings, classes, preprocessing, context.LogOnce);
        try
        {
            network.MoveTo(context.Device);
            context.SayEngineOf(network);
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
        if (settings.Weights is null)
        {
            Architectures.Get(settings.Architecture).Create(Math.Max(1, classes), Flow(settings), context.Preprocessing).Dispose();
            return;
        }
        string path = context.Resolve(settings.Weights);
        using var weights = StateDict.LoadShapes(path, settings.WeightsKey);
        using ImageModel network = Sized(context, settings, weights, path, classes, context.Preprocessing);
        foreach (string note in weights.RequireFit(network.State, network.Architecture, path)) context.Log(DataReport.Warning + note);
        if (settings.Classes == NetworkClasses.Data) network.WithNewHead(context.Validation.Classes, context.Settings.Seed).Dispose();
    }

    /// <summary>The network where only shapes and times matter: a catalogue's without its weights, in main memory.</summary>
    public static ImageModel Unloaded(RunContext context, ModelSettings settings, int classes) => settings.Network is null
        ? ImageModel.Create(settings.Architecture, Math.Max(1, classes), Flow(settings))
            : FromFile(context, settings, classes, context.Preprocessing, _ => { });

    /// <summary>
    /// What a network calls its outputs where its classes are not the images': the words of the list, or their numbers; null where it has
    /// none.
    /// </summary>
    /// <exception cref="FoveaException">The list cannot be read, or is of another number of classes.</exception>
    public static ClassList? OtherClasses(RunContext context, ModelSettings settings, int outputs)
    {
        if (settings.Classes != NetworkClasses.Other) return null;
        if (settings.ClassList is null)
            return new ClassList(Enumerable.Range(0, outputs).Select(i => new ClassInfo(Number(i), $"class {Number(i)}")));
        ClassList classes = ClassTable.Read(context.Resolve(settings.ClassList));
        return classes.Count == outputs ? classes : throw OtherNumber(context, settings, classes.Count, outputs);
    }

    private static FoveaException OtherNumber(RunContext context, ModelSettings settings, int listed, int outputs) =>
        FoveaException.BadConfiguration($"{context.Resolve(settings.ClassList!)} names {listed} classes, and the network answers with "
            + $"{outputs} numbers. Give the list of its classes in [model] class_list, or leave it out: they are called by their numbers.");

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static GradientFlow Flow(ModelSettings settings) => new(settings.AveragePooling, settings.LeakySlope);

    private static ImageModel OfCatalogue(RunContext context, ModelSettings settings, int classes, Preprocessing preprocessing)
    {
        if (settings.Weights is null)
        {
            return ImageModel.Create(settings.Architecture, Math.Max(1, classes), Flow(settings), preprocessing, context.Settings.Seed);
        }
        string path = context.Resolve(settings.Weights);
        using var weights = StateDict.Load(path, settings.WeightsKey);
        ImageModel network = Sized(context, settings, weights, path, classes, preprocessing);
        try
        {
            foreach (string note in network.CopyFrom(weights, path)) context.LogOnce(DataReport.Warning + note);
        }
        catch
        {
            network.Dispose();
            throw;
        }
        return settings.Classes == NetworkClasses.Data ? WithHead(context, network, context.LogOnce) : network;
    }

    /// <summary>
    /// A network of the catalogue with as many outputs as there are classes; or, where they are not to be the network's, as the weights
    /// have.
    /// </summary>
    private static ImageModel Sized(
        RunContext context, ModelSettings settings, StateDict weights, string path, int classes, Preprocessing preprocessing)
    {
        Architecture architecture = Architectures.Get(settings.Architecture);
        if (settings.Classes == NetworkClasses.Own) return architecture.Create(classes, Flow(settings), preprocessing);
        if (settings.ClassList is { } list && architecture.OutputsOf(weights) is { } has)
        {
            int named = ClassTable.Read(context.Resolve(list)).Count;
            if (named != has) throw OtherNumber(context, settings, named, has);
        }
        return architecture.OutputsOf(weights) is { } outputs ? architecture.Create(outputs, Flow(settings), preprocessing)
            : throw FoveaException.BadData($"{path} does not fit the network {architecture.Name}: it holds no last layer.");
    }

    private static ImageModel FromFile(
        RunContext context, ModelSettings settings, int classes, Preprocessing preprocessing, Action<string> log)
    {
        bool own = settings.Classes == NetworkClasses.Own;
        string path = context.Resolve(settings.Network!);
        ClassList? others = settings.ClassList is { } list ? ClassTable.Read(context.Resolve(list)) : null;
        using ImportedNetwork imported = NetworkFile.Open(
            path, settings.Output, own ? classes : others?.Count, settings.Preprocess is { } before ? context.Resolve(before) : null,
            preprocessing.OutputSize);
        foreach (string note in imported.Notes) log(DataReport.Warning + note);
        if (imported.ImageSize is { } size && size != preprocessing.OutputSize)
        {
            log(DataReport.Warning + $"The network was exported for images of {size.Height} × {size.Width} pixels and is given "
                + $"{preprocessing.OutputSize.Height} × {preprocessing.OutputSize.Width} (crop, width).");
        }
        foreach (string idle in Flow(settings).Idle(imported.Graph)) log(DataReport.Warning + idle);
        if (context.Settings.Train is not null && imported.Graph.FixedBatch is { } together)
        {
            throw FoveaException.BadConfiguration(
                $"{path} takes exactly {together} images at a time, as it was exported, and cannot be trained: batch normalisation would "
                    + "see images that only fill up. Export it for any number of images (in PyTorch dynamic_shapes=({0: "
                    + "torch.export.Dim.DYNAMIC},)), or take [train] away.");
        }
        TokenGrid? tokens = settings.Tokens is null ? null : TokenGrid.Parse(settings.Tokens, settings.Prefix);
        ImageModel network = context.Batches.Network(
            settings, imported, preprocessing.OutputSize,
            one => imported.ToModel(preprocessing, flow: Flow(settings), tokens: tokens, oneByOne: one),
            [.. (context.Settings.Harvest?.Layers ?? []).Intersect(imported.Graph.Layers.Select(layer => layer.Name))],
            line => log(DataReport.Warning + line));
        if (network.TokensNote is { } otherwise) log(DataReport.Warning + otherwise);
        if (context.Settings.Train is not null && network.Graph.FixedBatch is not null)
        {
            using (network)
                throw FoveaException.BadConfiguration(
                    $"Images that {path} takes together change each other's numbers, so it is run one image at a time and cannot be "
                        + "trained: export it without the step that mixes images, or take [train] away.");
        }
        if (settings.Classes == NetworkClasses.Data) return WithHead(context, network, log);
        if (others is not null && others.Count != network.Outputs)
        {
            using (network) throw OtherNumber(context, settings, others.Count, network.Outputs);
        }
        var sizes = imported.Outputs.FirstOrDefault(one => one.Value == imported.Graph.Output)?.Shape ?? [];
        if (!own || (network.Outputs == classes && sizes.Count < 2)) return network;
        using (network)
        {
            throw FoveaException.BadConfiguration(
                $"{path} answers with {network.Outputs} numbers{(sizes.Count < 2 ? "" : $", [{string.Join(", ", sizes)}]")} ({imported.Answer}) and the data have {classes} classes. "
                + $"Name another output ([model] output; there are "
                    + $"{string.Join(", ", imported.Outputs.Select(one => one.Name))}), or the classes that the network knows ([data] "
                        + $"classes); or say [model] classes = \"data\" for a new last layer that [train] teaches, \"other\" where the "
                        + $"network's classes are not those of these images, or \"none\" where the numbers are no classes.");
        }
    }

    /// <summary>The network with a fresh last layer for the classes of the data; the old one is disposed.</summary>
    private static ImageModel WithHead(RunContext context, ImageModel network, Action<string> log)
    {
        using (network)
        {
            ImageModel made = network.WithNewHead(context.Validation.Classes, context.Settings.Seed);
            log(NewHead.InWords(network, made, context.Settings.Seed));
            return made;
        }
    }
}
