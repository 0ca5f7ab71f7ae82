using Fovea.Dictionaries;
using Fovea.Dictionaries.Sparse;
using Fovea.Models.Edits;
using static TorchSharp.torch;

namespace Fovea.Interventions.Studies;

/// <summary>
/// Changes made together as edits of a pass of any number of images, with gradients: what pictures of the changed network are drawn through.
/// On each image they give what <see cref="ImageStudy.With"/> gives, from the codes of all latents in place of those that are kept.
/// </summary>
public static class ChangedLayers
{
    /// <summary>The edits by layer.</summary>
    /// <param name="changes">Of neurons, directions and latents of sparse autoencoders; none of them resampled. The dictionaries must outlive
    /// the edits.</param>
    /// <exception cref="FoveaException">Configuration: a change that cannot be made so.</exception>
    public static IReadOnlyDictionary<string, Func<Tensor, Tensor>> Edits(IReadOnlyList<Intervention> changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        if (changes.Any(one => one.NeedsOthers))
            throw FoveaException.BadConfiguration("Resampling takes values from other images, and a picture has none.");
        if (changes.Select(one => one.Units).OfType<Latents>().FirstOrDefault(one => one.Dictionary is not SparseAutoencoder) is { } plain)
            throw FoveaException.BadConfiguration($"'{plain.Dictionary.Name}' is no autoencoder: its codes have no gradient.");
        return changes.GroupBy(one => one.Layer, StringComparer.Ordinal).ToDictionary(
            layer => layer.Key, layer => new Func<Tensor, Tensor>(output => Apply(output, [.. layer])), StringComparer.Ordinal);
    }

    private static Tensor Apply(Tensor output, IReadOnlyList<Intervention> changes)
    {
        using var scope = NewDisposeScope();
        Tensor changed = output;
        var done = new HashSet<IFeatureDictionary>(ReferenceEqualityComparer.Instance);
        foreach (Intervention change in changes)
        {
            if (change.Units is not Latents latents) changed = change.Apply(changed);
            else if (done.Add(latents.Dictionary))
                changed = Coded(changed, [.. changes.Where(one => one.Units is Latents other && ReferenceEquals(other.Dictionary, latents.Dictionary))]);
        }
        return changed.MoveToOuterDisposeScope();
    }

    /// <summary>As <see cref="CodeEdits"/>, over all codes.</summary>
    private static Tensor Coded(Tensor output, Intervention[] changes)
    {
        Latents[] units = [.. changes.Select(one => (Latents)one.Units)];
        var dictionary = (SparseAutoencoder)units[0].Dictionary;
        if (units.Any(one => one.Error != units[0].Error))
            throw FoveaException.BadConfiguration(
                $"Changes of {changes[0].Layer} both keep and drop the error of '{units[0].Dictionary.Name}': take one of the two.");
        Tensor last = output.movedim([1], [-1]), vectors = last.reshape(-1, output.shape[1]);
        Tensor own = vectors.to(dictionary.DType).to(dictionary.DecoderWeight.device), codes = dictionary.EncodeDense(own), edited = codes;
        for (int i = 0; i < changes.Length; i++)
        {
            Tensor? here = Mask(output, changes[i].Positions, changes[i].Layer);
            if (units[i].Chosen.Count == 0)
            {
                edited = Where(here, changes[i].Operation.Apply(edited, null), edited);
                continue;
            }
            Tensor index = tensor([.. units[i].Chosen], int64, device: edited.device), part = edited.index_select(1, index);
            edited = edited.index_copy(1, index, Where(here, changes[i].Operation.Apply(part, null), part).contiguous());
        }
        Tensor decoded = dictionary.DecodeDense(edited, own).to(vectors.dtype).to(vectors.device);
        Tensor result = units[0].Error == DictionaryError.Kept
            ? vectors + (decoded - dictionary.DecodeDense(codes, own).to(vectors.dtype).to(vectors.device))
            : Where(Mask(output, changes.All(one => one.Positions is not null) ? [.. changes.SelectMany(one => one.Positions!)] : null, changes[0].Layer),
                decoded, vectors);
        return result.reshape(last.shape).movedim([-1], [1]).contiguous();
    }

    private static Tensor Where(Tensor? mask, Tensor changed, Tensor before) => mask is null ? changed : where(mask, changed, before);

    /// <summary>Rows of all images that are at some positions, <c>[N · positions, 1]</c>; null: all.</summary>
    private static Tensor? Mask(Tensor output, IReadOnlyList<(int Y, int X)>? positions, string layer)
    {
        if (positions is null) return null;
        if (output.dim() != 4) throw FoveaException.BadConfiguration($"{layer} has no positions: an intervention on it is made everywhere.");
        var (height, width) = ((int)output.shape[2], (int)output.shape[3]);
        var mask = new bool[height * width];
        foreach (var (y, x) in positions)
        {
            if (y < 0 || y >= height || x < 0 || x >= width)
                throw FoveaException.BadConfiguration($"Position ({y}, {x}) is not on the grid of {layer}, {height} × {width}.");
            mask[y * width + x] = true;
        }
        return tensor(mask, [mask.Length, 1], device: output.device).repeat([output.shape[0], 1]);
    }
}
