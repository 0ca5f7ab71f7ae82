using Fovea.Dictionaries;
using Fovea.Models.Edits;
using static TorchSharp.torch;

namespace Fovea.Interventions.Studies;

/// <summary>
/// Changes of one layer's output, made together: in the order of the list; those of latents of one dictionary together (each on the codes
/// that the layer has before them), where the first of them stands.
/// </summary>
internal static class LayerChanges
{
    /// <summary>The layer's output on one image after the changes.</summary>
    /// <param name="output"><c>[1, C, H, W]</c> or <c>[1, C]</c>; not changed.</param>
    /// <param name="changes">On this layer.</param>
    /// <param name="kept">Gives the codes of the output as it is, where they are known; asked only before anything is changed.</param>
    /// <returns>A tensor of that shape, in the current dispose scope.</returns>
    public static Tensor Apply(Tensor output, IReadOnlyList<Intervention> changes, Func<IFeatureDictionary, CodedVectors>? kept = null)
    {
        Tensor changed = output;
        var done = new HashSet<IFeatureDictionary>(ReferenceEqualityComparer.Instance);
        foreach (Intervention change in changes)
        {
            if (change.Units is not Latents latents)
            {
                changed = change.Apply(changed);
                continue;
            }
            if (!done.Add(latents.Dictionary)) continue;
            Intervention[] together =
                [.. changes.Where(one => one.Units is Latents other && ReferenceEquals(other.Dictionary, latents.Dictionary))];
            if (kept is not null && ReferenceEquals(changed, output))
            {
                changed = CodeEdits.Apply(output, together, kept(latents.Dictionary));
                continue;
            }
            long[] shape = changed.shape;
            var (height, width) = shape.Length == 4 ? ((int)shape[2], (int)shape[3]) : (1, 1);
            using CodedVectors codes = CodedVectors.Of(latents.Dictionary, Vectors(changed), height, width);
            changed = CodeEdits.Apply(changed, together, codes);
        }
        return changed;
    }

    /// <summary>A layer's output as rows, <c>[positions, C]</c>.</summary>
    public static Tensor Vectors(Tensor output) => output.movedim([1], [-1]).reshape(-1, output.shape[1]);
}
