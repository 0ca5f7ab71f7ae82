using Fovea.Datasets;
using Fovea.Interpretation;
using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Runs.Stages.Proof;

/// <summary>The image and position at which each of some units is largest.</summary>
/// <param name="Image">Index in the source.</param>
/// <param name="Y">Row of the layer's grid.</param>
/// <param name="X">Column.</param>
/// <param name="Value">How large.</param>
internal sealed record StrongestImages(int Image, int Y, int X, float Value)
{
    // Codes of all latents are dense on the way.
    private const int BatchSize = 8;

    /// <summary>By unit; units that are nowhere above 0 are left out.</summary>
    public static IReadOnlyDictionary<int, StrongestImages> Of(
        ImageModel model, UnitGroup group, IReadOnlyList<int> units, IImageSource source, IReadOnlyList<int> images,
        CancellationToken cancellation)
    {
        var found = new Dictionary<int, StrongestImages>();
        using ModelReader reader = model.Reader(new Probe(group.Layer));
        var loader = new ImageLoader(source, model.Preprocessing, new LoaderOptions { BatchSize = BatchSize });
        foreach (ImageBatch batch in loader.Load(images, cancellation))
        {
            if (batch.Count == 0) continue;
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            Tensor output = reader.Run(batch.ToTensor(model.Device))[group.Layer];
            int positions = (int)(output.shape[2] * output.shape[3]), width = (int)output.shape[3];
            Tensor values = group.Values(output.movedim([1], [-1]).reshape(-1, output.shape[1]))
                .index_select(1, tensor([.. units.Select(unit => (long)unit)], int64, device: output.device));
            float[] all = values.to(float32).cpu().contiguous().data<float>().ToArray();
            for (int row = 0; row < all.Length / units.Count; row++)
            {
                for (int i = 0; i < units.Count; i++)
                {
                    float value = all[row * units.Count + i];
                    if (value <= 0 || (found.TryGetValue(units[i], out StrongestImages? best) && best.Value >= value)) continue;
                    int place = row % positions;
                    found[units[i]] = new StrongestImages(batch.Indices[row / positions], place / width, place % width, value);
                }
            }
        }
        return found;
    }
}
