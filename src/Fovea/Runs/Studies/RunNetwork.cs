using System.Security.Cryptography;
using Fovea.Dictionaries.Sparse;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Interventions.Studies;
using Fovea.IO;
using Fovea.Models;

namespace Fovea.Runs.Studies;

/// <summary>
/// A run's network with what it made of images and the dictionaries in use, each bounded in bytes: what was used longest ago goes first. A
/// dictionary that the run makes anew is read anew. Native memory: one thread at a time.
/// </summary>
public sealed class RunNetwork : IDisposable
{
    private readonly RunFolder _run;
    private readonly RunFolderReader _reader;
    private readonly FileStamp _stamp;
    private readonly NetworkStudy _network;
    private readonly OrderedDictionary<string, ImageStudy> _studies = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<(string Layer, string Name), Held> _dictionaries = [];
    private readonly Dictionary<string, ActivationManifest?> _manifests = new(StringComparer.Ordinal);

    /// <summary>Opens a run's network. Layers that it has vectors of can be looked at, but those that its answer does not depend on.</summary>
    /// <param name="run">The run.</param>
    /// <exception cref="FoveaException">Data: the network is not there or damaged.</exception>
    public RunNetwork(RunFolder run)
    {
        ArgumentNullException.ThrowIfNull(run);
        (_run, _reader, _stamp) = (run, new RunFolderReader(run.Root), Stamp(run));
        if (!File.Exists(Path.Combine(run.Model, ModelFile.DescriptionName)))
            throw FoveaException.BadData("This run has no network yet: it appears when its first stage is done.");
        Model = ModelFile.Load(run.Model);
        try
        {
            _network = new NetworkStudy(Model, [.. _reader.Layers.Where(layer => Manifest(layer) is not null && CanBeChanged(layer))]);
        }
        catch
        {
            Model.Dispose();
            throw;
        }
    }

    /// <summary>Most bytes of what was made of images; the last one is kept whatever it takes.</summary>
    public long StudyBytes { get; init; } = 96 << 20;

    /// <summary>Most bytes of dictionaries; the last one is kept whatever it takes.</summary>
    public long DictionaryBytes { get; init; } = 192 << 20;

    /// <summary>The network.</summary>
    public ImageModel Model { get; }

    /// <summary>The layers that can be looked at and changed, in the network's order.</summary>
    public IReadOnlyList<string> Layers => _network.Layers;

    /// <summary>Bytes held beside the network.</summary>
    public long Bytes => _studies.Values.Sum(study => study.Bytes) + _dictionaries.Values.Sum(one => one.Bytes);

    /// <summary>Whether the run still has this network: it may be trained anew.</summary>
    public bool IsCurrent => Stamp(_run) == _stamp;

    /// <summary>The dictionaries of a layer, by name.</summary>
    public IReadOnlyList<string> Dictionaries(string layer) => _reader.Dictionaries(layer);

    /// <summary>What the network makes of an image; made once while there is room.</summary>
    /// <param name="id">What tells it from others.</param>
    /// <param name="seen">As the network sees it (<see cref="Preprocessing.ApplyToPixels"/>).</param>
    /// <exception cref="FoveaException">The answer is not finite.</exception>
    public ImageStudy Study(string id, RgbImage seen)
    {
        if (!_studies.Remove(id, out ImageStudy? study)) study = _network.ReadSeen(seen);
        _studies.Add(id, study);
        return study;
    }

    /// <summary>
    /// The units of a layer, its neurons or a dictionary's latents; the dictionary stays this object's, until <see cref="Trim"/> at least.
    /// </summary>
    /// <exception cref="FoveaException">There is no such layer or dictionary, or it is damaged or another network's.</exception>
    public UnitGroup Group(string layer, string source)
    {
        if (!Layers.Contains(layer))
            throw FoveaException.BadConfiguration(
                $"This run has no layer '{layer}' that can be looked at.{Suggestions.Sentence(layer, [.. Layers])}");
        if (source == UnitGroup.NeuronsName) return UnitGroup.Neurons(layer);
        RunUnits.Require(Dictionaries(layer), layer, source);
        string folder = _run.Dictionary(layer, source);
        FileStamp stamp = FileStamp.Of(
            Path.Combine(folder, AutoencoderFile.ConfigurationName), Path.Combine(folder, AutoencoderFile.WeightsName));
        if (_dictionaries.Remove((layer, source), out Held? held) && held.Stamp != stamp)
        {
            Drop(held);
            held = null;
        }
        held ??= new Held(RunUnits.Load(_run, layer, source), stamp);
        _dictionaries.Add((layer, source), held);
        return held.Group;
    }

    /// <summary>The SHA-256 of a dictionary's weights, which tells it from another of its name.</summary>
    /// <exception cref="FoveaException">There is no such dictionary.</exception>
    public string Fingerprint(string layer, string source)
    {
        RunUnits.Require(Dictionaries(layer), layer, source);
        using FileStream file = PlainFile.OpenRead(Path.Combine(_run.Dictionary(layer, source), AutoencoderFile.WeightsName));
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>Lets go of what was used longest ago until the bounds hold. Called between two things that are done with it.</summary>
    public void Trim()
    {
        while (_studies.Count > 1 && _studies.Values.Sum(study => study.Bytes) > StudyBytes)
        {
            _studies.GetAt(0).Value.Dispose();
            _studies.RemoveAt(0);
        }
        while (_dictionaries.Count > 1 && _dictionaries.Values.Sum(one => one.Bytes) > DictionaryBytes)
        {
            Drop(_dictionaries.GetAt(0).Value);
            _dictionaries.RemoveAt(0);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ImageStudy study in _studies.Values) study.Dispose();
        foreach (Held one in _dictionaries.Values) one.Autoencoder.Dispose();
        Model.Dispose();
    }

    private static FileStamp Stamp(RunFolder run) => FileStamp.Of(
        Path.Combine(run.Model, ModelFile.DescriptionName), Path.Combine(run.Model, ModelFile.WeightsName));

    private void Drop(Held held)
    {
        foreach (ImageStudy study in _studies.Values) study.Forget(held.Autoencoder);
        held.Autoencoder.Dispose();
    }

    private bool CanBeChanged(string layer)
    {
        try
        {
            return new NetworkStudy(Model, layer).Layers.Count > 0;
        }
        catch (FoveaException)
        {
            return false;
        }
    }

    /// <summary>What a layer was harvested with; null where it was not.</summary>
    private ActivationManifest? Manifest(string layer)
    {
        if (_manifests.TryGetValue(layer, out ActivationManifest? known)) return known;
        return _manifests[layer] = _reader.Find<ActivationManifest>(RunLayout.Manifest(layer));
    }

    private sealed record Held(UnitGroup Group, FileStamp Stamp)
    {
        public SparseAutoencoder Autoencoder => Group.Autoencoder!;

        public long Bytes { get; } = Group.Autoencoder!.Parameters.Values.Sum(parameter => parameter.numel() * parameter.element_size());
    }
}
