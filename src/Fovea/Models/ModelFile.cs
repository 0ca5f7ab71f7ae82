using System.Security.Cryptography;
using Fovea.Checkpoints;
using Fovea.Datasets;
using Fovea.IO;
using static TorchSharp.torch;

namespace Fovea.Models;

/// <summary>A network in a folder: <c>weights.safetensors</c> with torchvision's names, and <c>model.json</c>, written last.</summary>
public static class ModelFile
{
    /// <summary>The weights' file name.</summary>
    public const string WeightsName = "weights.safetensors";

    /// <summary>The description's file name.</summary>
    public const string DescriptionName = "model.json";

    /// <summary>Writes a network; each file is replaced whole, the description last.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="model">The network.</param>
    /// <param name="classes">Its classes; null: those it knows.</param>
    /// <exception cref="FoveaException">It has no classes or their number is not the network's, or the folder cannot be written.</exception>
    public static ModelDescription Save(string folder, ImageModel model, ClassList? classes = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        classes ??= model.Classes ?? throw FoveaException.BadConfiguration($"{model.Architecture} has no classes to write down.");
        if (classes.Count != model.Outputs)
            throw FoveaException.BadConfiguration($"{classes.Count} classes for a network with {model.Outputs} outputs.");
        string weights = Path.Combine(folder, WeightsName);
        using (var state = StateDict.Of(model.State)) Safetensors.Write(weights, state);
        var description = new ModelDescription
        {
            Architecture = model.Architecture,
            Flow = model.Flow,
            Preprocessing = model.Preprocessing,
            Parameters = model.Parameters.Values.Sum(parameter => parameter.numel()),
            Sha256 = Hash(weights),
            Classes = [.. classes],
        };
        JsonFile.Write(Path.Combine(folder, DescriptionName), description);
        return description;
    }

    /// <summary>Reads a network; the caller owns it.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="device">Where the network is to live; null: in main memory.</param>
    /// <exception cref="FoveaException">A file is missing or damaged, or the weights are not those the description was written for.</exception>
    public static ImageModel Load(string folder, Device? device = null)
    {
        var description = JsonFile.Read<ModelDescription>(Path.Combine(folder, DescriptionName));
        string weights = Path.Combine(folder, WeightsName);
        if (!File.Exists(weights)) throw FoveaException.BadData($"{weights} is missing. Run the model stage again.");
        if (Hash(weights) != description.Sha256)
            throw FoveaException.BadData($"{weights} is not the file that {DescriptionName} was written for: it was changed or damaged. Run the model stage again.");
        return ImageModel.Open(weights, description.Architecture, new ClassList(description.Classes), description.Flow, description.Preprocessing, device);
    }

    private static string Hash(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
