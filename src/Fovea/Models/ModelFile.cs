using System.Security.Cryptography;
using Fovea.Checkpoints;
using Fovea.Datasets;
using Fovea.Imaging;
using TorchSharp;
using static TorchSharp.torch;

namespace Fovea.Models;

/// <summary>A network in a folder: <c>weights.safetensors</c> with torchvision's names, and <c>model.json</c>, written last.</summary>
public static class ModelFile
{
    /// <summary>The weights' file name.</summary>
    public const string WeightsName = "weights.safetensors";

    /// <summary>The description's file name.</summary>
    public const string DescriptionName = ModelDocument.FileName;

    /// <summary>Writes a network; each file is replaced whole, the description last.</summary>
    /// <exception cref="FoveaException">The number of classes is not the network's, or the folder cannot be written.</exception>
    public static ModelDocument Save(string folder, Network network, ClassList classes, Preprocessing preprocessing)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(classes);
        if (classes.Count != network.ClassCount)
            throw FoveaException.BadConfiguration($"{classes.Count} classes for a network with {network.ClassCount} outputs.");
        string weights = Path.Combine(folder, WeightsName);
        using (var state = StateDict.Of(network)) Safetensors.Write(weights, state);
        var description = new ModelDocument
        {
            Architecture = network.Architecture,
            Flow = new FlowSettings(network.Flow.AveragePooling, network.Flow.LeakySlope),
            Preprocessing = new PreprocessingSettings(preprocessing.Resize, preprocessing.Crop, preprocessing.Mean, preprocessing.Std),
            Parameters = network.parameters().Sum(parameter => parameter.numel()),
            Sha256 = Hash(weights),
            Classes = [.. classes.Select(one => new ClassEntry(one.Id, one.Name))],
        };
        DocumentFile.Write(Path.Combine(folder, DescriptionName), description);
        return description;
    }

    /// <summary>Reads a network; the caller owns it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="device">Where the network is to live; null: in main memory.</param>
    /// <exception cref="FoveaException">A file is missing or damaged, or the weights are not those the description was written for.</exception>
    public static LoadedModel Load(string folder, Device? device = null)
    {
        var description = DocumentFile.Read<ModelDocument>(Path.Combine(folder, DescriptionName));
        string weights = Path.Combine(folder, WeightsName);
        if (!File.Exists(weights)) throw FoveaException.BadData($"{weights} is missing. Run the model stage again.");
        if (Hash(weights) != description.Sha256)
            throw FoveaException.BadData($"{weights} is not the file that {DescriptionName} was written for: it was changed or damaged. Run the model stage again.");
        var classes = new ClassList(description.Classes.Select(one => new ClassInfo(one.Id, one.Name)));
        var network = Architectures.Create(description.Architecture, classes.Count, new GradientFlow(description.Flow.AveragePooling, description.Flow.LeakySlope));
        try
        {
            using var state = StateDict.Load(weights);
            state.CopyTo(network, weights);
            if (device is not null) network.to(device);
            network.eval();
            var images = description.Preprocessing;
            return new LoadedModel(network, classes, new Preprocessing(images.Resize, images.Crop, images.Mean, images.Std));
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private static string Hash(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
