using Fovea.Dictionaries;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Models.Edits;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Interventions.Studies;

/// <summary>
/// One image in a network: its answer, the values of units at each position, what each unit adds to a logit, and what the answer becomes
/// when units are changed. The network has read the image once; a change runs what follows its layer. Made by
/// <see cref="NetworkStudy.Read"/>; used by the thread that uses the network.
/// </summary>
public sealed class ImageStudy : IDisposable
{
    /// <summary>Changes at a time.</summary>
    public const int MostChanges = 256;

    private readonly NetworkStudy _network;
    private readonly Dictionary<string, Tensor> _kept = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Layer, IFeatureDictionary? Dictionary), CodedVectors> _coded = [];
    private readonly Dictionary<string, UnitMaps> _neurons = new(StringComparer.Ordinal);
    private readonly Tensor _input;

    internal ImageStudy(NetworkStudy network, float[] pixels, int height, int width)
    {
        _network = network;
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        _input = tensor(pixels, [1, 3, height, width], device: network.Model.Device);
        ProbeResult result = network.Model.Forward(_input, network.Whole);
        Answer = Numbers(result.Logits);
        if (Answer.Any(number => !float.IsFinite(number)))
            throw FoveaException.NumericalFailure("The network's answer for this image is NaN or infinite. Are its weights finite?");
        foreach (string value in network.Whole.Reads) _kept[value] = result[value].alias().DetachFromDisposeScope();
        _input.DetachFromDisposeScope();
    }

    /// <summary>The network's answer, row by row where it has several axes: logits of the classes, where it is a classifier.</summary>
    public IReadOnlyList<float> Answer { get; }

    /// <summary>Bytes that this holds, network and dictionaries apart.</summary>
    public long Bytes => _kept.Values.Append(_input).Sum(value => value.numel() * value.element_size())
        + _coded.Values.Sum(one => one.Bytes) + _neurons.Values.Sum(one => one.Bytes);

    /// <summary>Rows and columns of a layer's grid; 1 × 1 where it has no positions.</summary>
    /// <exception cref="FoveaException">Configuration: it is no layer of the study.</exception>
    public (int Height, int Width) Grid(string layer)
    {
        _network.Require(layer);
        long[] shape = _kept[layer].shape;
        return shape.Length == 4 ? ((int)shape[2], (int)shape[3]) : (1, 1);
    }

    /// <summary>The values of a group's units; found once.</summary>
    /// <exception cref="FoveaException">Configuration: no such layer, or a dictionary of another one.</exception>
    public UnitMaps Units(UnitGroup group)
    {
        ArgumentNullException.ThrowIfNull(group);
        var (height, width) = Grid(group.Layer);
        if (group.Autoencoder is { } autoencoder) return Coded(group.Layer, autoencoder).Maps;
        if (_neurons.TryGetValue(group.Layer, out UnitMaps? maps)) return maps;
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using SparseCodes values = SparseCodes.FromDense(Vectors(_kept[group.Layer]).to(float32).cpu().contiguous());
        return _neurons[group.Layer] = new UnitMaps(values, height, width);
    }

    /// <summary>
    /// The answer after some changes, exactly; equal to a pass of the whole network in which each layer's output is changed on the way.
    /// Layers are changed in the order of the network. On one layer changes are made in the order of the list; those of latents of one
    /// dictionary together (each on the codes that the layer has before them), where the first of them stands.
    /// </summary>
    /// <param name="changes">On layers of the study; none of them resampled.</param>
    /// <returns>As <see cref="Answer"/>.</returns>
    /// <exception cref="FoveaException">Configuration: too many, a layer that is not of the study, units that do not fit it, a position
    /// that is not on its grid. Numerical: the answer is not finite.</exception>
    public IReadOnlyList<float> With(params IReadOnlyList<Intervention> changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        if (changes.Count > MostChanges)
            throw FoveaException.BadConfiguration($"{changes.Count} changes at a time: at most {MostChanges} are made together.");
        foreach (Intervention change in changes) _network.Require(change.Layer);
        if (changes.Count == 0) return Answer;
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        // The first of them changes what was read; the others see what comes of it.
        string first = _network.Layers.First(layer => changes.Any(change => change.Layer == layer));
        var edits = changes.GroupBy(change => change.Layer, StringComparer.Ordinal).ToDictionary(
            layer => layer.Key, layer => new Func<Tensor, Tensor>(output => Changed(output, [.. layer], layer.Key == first)),
            StringComparer.Ordinal);
        float[] answer = Numbers(_network.Answer(_input, _kept, edits));
        return answer.All(float.IsFinite) ? answer : throw FoveaException.NumericalFailure(
            "With these changes the network's answer is NaN or infinite: make them smaller.");
    }

    /// <summary>What a logit is made of; null where it is no sum over units: something else than pooling and a linear head follows.</summary>
    /// <param name="group">Units of a layer of the study.</param>
    /// <param name="output">The logit's number.</param>
    /// <exception cref="FoveaException">Configuration: no such layer or output, or a dictionary of another layer.</exception>
    public LogitShares? Shares(UnitGroup group, int output)
    {
        ArgumentNullException.ThrowIfNull(group);
        _network.Require(group.Layer);
        if ((uint)output >= (uint)Answer.Count)
            throw FoveaException.BadConfiguration($"Class {output} does not exist: the network has {Answer.Count}, counted from 0.");
        if (_network.Head(group.Layer) is not { } head) return null;
        using var scope = NewDisposeScope();
        UnitMaps maps = Units(group);
        CodedVectors? codes = group.Autoencoder is { } autoencoder ? Coded(group.Layer, autoencoder) : null;
        return LogitShares.Of(
            head, Vectors(_kept[group.Layer]), maps, codes, group.Autoencoder?.DecoderWeight, output, Answer[output]);
    }

    /// <summary>Forgets what it knows of a dictionary, which may be disposed of then.</summary>
    public void Forget(IFeatureDictionary dictionary)
    {
        foreach (var key in _coded.Keys.Where(key => ReferenceEquals(key.Dictionary, dictionary)).ToArray())
        {
            _coded[key].Dispose();
            _coded.Remove(key);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor value in _kept.Values) value.Dispose();
        foreach (CodedVectors one in _coded.Values) one.Dispose();
        _coded.Clear();
        _input.Dispose();
    }

    private Tensor Changed(Tensor output, IReadOnlyList<Intervention> changes, bool asRead)
    {
        return LayerChanges.Apply(output, changes, asRead ? Kept : null);

        CodedVectors Kept(IFeatureDictionary dictionary)
        {
            FastPaths.Ran(FastPath.KeptCodes);
            return Coded(changes[0].Layer, dictionary);
        }
    }

    private CodedVectors Coded(string layer, IFeatureDictionary dictionary)
    {
        if (_coded.TryGetValue((layer, dictionary), out CodedVectors? codes)) return codes;
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (height, width) = Grid(layer);
        return _coded[(layer, dictionary)] = CodedVectors.Of(dictionary, Vectors(_kept[layer]), height, width);
    }

    private static Tensor Vectors(Tensor output) => LayerChanges.Vectors(output);

    private static float[] Numbers(Tensor answer)
    {
        using var scope = NewDisposeScope();
        return answer.detach().to(float32).cpu().contiguous().data<float>().ToArray();
    }
}
