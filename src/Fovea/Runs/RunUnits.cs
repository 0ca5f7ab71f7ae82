using Fovea.Dictionaries;
using Fovea.Dictionaries.Sparse;
using Fovea.Interpretation;
using Fovea.Runs.Settings;
using TorchSharp;

namespace Fovea.Runs;

/// <summary>The units of a run by their names: a layer's neurons, or the latents of one of its dictionaries.</summary>
public static class RunUnits
{
    /// <summary>The layer asked for, or the first one harvested.</summary>
    /// <exception cref="FoveaException">The run harvested no such layer.</exception>
    public static string Layer(WorkflowSettings settings, string? asked)
    {
        IReadOnlyList<string> harvested = settings.Harvest?.Layers ?? [];
        if (harvested.Count == 0)
            throw FoveaException.BadConfiguration("This run harvests no layer: its settings have no [harvest].");
        if (asked is null) return harvested[0];
        return harvested.Contains(asked) ? asked
            : throw FoveaException.BadConfiguration($"This run did not harvest '{asked}'.{Suggestions.Sentence(asked, [.. harvested])}");
    }

    /// <summary>The group of a source, <c>neurons</c> or a dictionary's name; the caller disposes its autoencoder.</summary>
    /// <exception cref="FoveaException">The layer has no such dictionary, it is not trained yet, or of another network.</exception>
    public static UnitGroup Open(RunFolder run, WorkflowSettings settings, string layer, string source, torch.Device device)
    {
        if (source == UnitGroup.NeuronsName) return UnitGroup.Neurons(layer);
        Require([.. Dictionaries(run, settings, layer)], layer, source);
        return Load(run, layer, source, device);
    }

    /// <summary>Refuses a dictionary that a layer does not have.</summary>
    /// <exception cref="FoveaException">Configuration: it is none of the names.</exception>
    internal static void Require(IReadOnlyList<string> names, string layer, string source)
    {
        if (!names.Contains(source))
            throw FoveaException.BadConfiguration(
                $"{layer} has no units called '{source}'.{Suggestions.Sentence(source, [UnitGroup.NeuronsName, .. names])}");
    }

    /// <summary>The latents of a dictionary of a run's network; the caller disposes its autoencoder.</summary>
    /// <exception cref="FoveaException">Data: it is not trained yet, damaged, or of another network or layer.</exception>
    internal static UnitGroup Load(RunFolder run, string layer, string source, torch.Device? device = null)
    {
        string folder = run.Dictionary(layer, source);
        if (!File.Exists(Path.Combine(folder, AutoencoderFile.ConfigurationName)))
        {
            throw FoveaException.BadData(
                $"The dictionary '{source}' of {layer} is not trained yet. Train it: fovea sae train --run {run.Root}, or name other units.");
        }
        SparseAutoencoder autoencoder = AutoencoderFile.Load(folder, device);
        try
        {
            autoencoder.RequireNetwork(Network(run, layer));
            return UnitGroup.Latents(layer, source, autoencoder);
        }
        catch
        {
            autoencoder.Dispose();
            throw;
        }
    }

    /// <summary>The fingerprint of the network that a layer was harvested from; null where the layer is not harvested.</summary>
    private static string? Network(RunFolder run, string layer)
    {
        string manifest = Path.Combine(run.ActivationsOf(layer), ActivationManifest.FileName);
        return File.Exists(manifest) ? DocumentFile.Read<ActivationManifest>(manifest).Network : null;
    }

    /// <summary>Names of the layer's dictionaries: the recipe's, then those that were put into the run from elsewhere.</summary>
    public static IEnumerable<string> Dictionaries(RunFolder run, WorkflowSettings settings, string layer)
    {
        string folder = run.DictionariesOf(layer);
        IEnumerable<string> present = Directory.Exists(folder)
            ? Directory.EnumerateDirectories(folder).Where(one => File.Exists(Path.Combine(one, AutoencoderFile.ConfigurationName)))
                .Select(one => Path.GetFileName(one))
            : [];
        return settings.Dictionary.Where(dictionary => dictionary.Layer == layer).Select(dictionary => dictionary.Name)
            .Union(present.Order(StringComparer.Ordinal));
    }
}
