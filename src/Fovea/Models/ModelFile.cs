using System.Security.Cryptography;
using Fovea.Checkpoints;
using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.IO;
using static TorchSharp.torch;

namespace Fovea.Models;

/// <summary>A network in a folder: <c>weights.safetensors</c> with torchvision's names, for a network that is not of the catalogue
/// <c>graph.json</c>, and
/// <c>model.json</c>, written last.</summary>
public static class ModelFile
{
    /// <summary>The weights' file name.</summary>
    public const string WeightsName = "weights.safetensors";

    /// <summary>The description's file name.</summary>
    public const string DescriptionName = ModelDocument.FileName;

    /// <summary>Writes a network; each file is replaced whole, the description last.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="model">The network.</param>
    /// <param name="classes">Its classes; null: those it knows, or none.</param>
    /// <exception cref="FoveaException">The number of classes is not the network's, or the folder cannot be written.</exception>
    public static ModelDocument Save(string folder, ImageModel model, ClassList? classes = null) => Save(folder, model, classes, null);

    /// <summary>The same with what a run leaves out because of the network.</summary>
    internal static ModelDocument Save(string folder, ImageModel model, ClassList? classes, IReadOnlyList<string>? leftOut)
    {
        ArgumentNullException.ThrowIfNull(model);
        classes ??= model.Classes;
        if (classes is not null && classes.Count != model.Outputs)
            throw FoveaException.BadConfiguration($"{classes.Count} classes for a network with {model.Outputs} outputs.");
        string weights = Path.Combine(folder, WeightsName);
        using (var state = StateDict.Of(model.State)) Safetensors.Write(weights, state);
        string graph = Path.Combine(folder, GraphDocument.FileName);
        bool known = Architectures.All.Any(one => one.Name == model.Architecture);
        if (known) Removal.Of(graph);
        else DocumentFile.Write(graph, GraphFile.Of(model.Graph));
        var images = model.Preprocessing;
        var description = new ModelDocument
        {
            Architecture = model.Architecture,
            Flow = new FlowSettings(model.Flow.AveragePooling, model.Flow.LeakySlope),
            Preprocessing = new PreprocessingSettings(
                images.Resize, images.Crop, images.Mean, images.Std, images.Interpolation.ToString().ToLowerInvariant(), images.Squash,
                images.Width),
            Parameters = model.Parameters.Values.Sum(parameter => parameter.numel()),
            Sha256 = Hash(weights),
            GraphSha256 = known ? null : Hash(graph),
            Classes = [.. classes?.Select(one => new ClassEntry(one.Id, one.Name)) ?? []],
            LeftOut = leftOut is { Count: > 0 } ? leftOut : null,
        };
        DocumentFile.Write(Path.Combine(folder, DescriptionName), description);
        return description;
    }

    /// <summary>Reads a network; the caller owns it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="device">Where the network is to live; null: in main memory.</param>
    /// <exception cref="FoveaException">A file is missing or damaged, or the weights are not those the description was written
    /// for.</exception>
    public static ImageModel Load(string folder, Device? device = null)
    {
        var description = DocumentFile.Read<ModelDocument>(Path.Combine(folder, DescriptionName));
        string weights = Path.Combine(folder, WeightsName);
        if (!File.Exists(weights)) throw FoveaException.BadData($"{weights} is missing. Run the model stage again.");
        if (Hash(weights) != description.Sha256)
            throw FoveaException.BadData(
                $"{weights} is not the file that {DescriptionName} was written for: it was changed or damaged. Run the model stage again.");
        ClassList? classes = description.Classes.Count == 0
            ? null : new ClassList(description.Classes.Select(one => new ClassInfo(one.Id, one.Name)));
        var flow = new GradientFlow(description.Flow.AveragePooling, description.Flow.LeakySlope);
        var images = description.Preprocessing;
        var preprocessing = new Preprocessing(
            images.Resize, images.Crop, images.Mean, images.Std, Enum.Parse<Interpolation>(images.Interpolation, ignoreCase: true),
            images.Squash, images.Width);
        if (description.GraphSha256 is null)
            return OfCatalogue(weights, description.Architecture, classes, flow, preprocessing, device);

        string graph = Path.Combine(folder, GraphDocument.FileName);
        if (!File.Exists(graph)) throw FoveaException.BadData($"{graph} is missing. Run the model stage again.");
        if (Hash(graph) != description.GraphSha256)
            throw FoveaException.BadData(
                $"{graph} is not the file that {DescriptionName} was written for: it was changed or damaged. Run the model stage again.");
        using StateDict state = StateDict.Load(weights);
        var model = new ImageModel(GraphFile.Read(DocumentFile.Read<GraphDocument>(graph)), preprocessing, classes, flow, state, null);
        if (device is not null) model.MoveTo(device);
        return model;
    }

    private static ImageModel OfCatalogue(
        string weights, string architecture, ClassList? classes, GradientFlow flow, Preprocessing preprocessing, Device? device)
    {
        if (classes is not null) return ImageModel.Open(weights, architecture, classes, flow, preprocessing, device);
        // Without classes the weights say how many numbers an answer has.
        using StateDict shapes = StateDict.LoadShapes(weights);
        int outputs = Architectures.Get(architecture).OutputsOf(shapes)
            ?? throw FoveaException.BadData($"{weights} does not fit the network {architecture}: it holds no last layer.");
        return ImageModel.Open(weights, architecture, outputs, flow, preprocessing, device);
    }

    private static string Hash(string path)
    {
        using var stream = PlainFile.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
