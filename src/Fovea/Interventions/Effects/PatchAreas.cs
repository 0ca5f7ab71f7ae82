using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Interventions.Effects;

/// <summary>Areas under a unit's value while patches of an image are taken away, or put in, in an order.</summary>
internal sealed class PatchAreas(
    ImageModel model, string layer, Func<Tensor, Tensor> value, Tensor input, FiringOptions options, double none, double whole)
{
    /// <summary>The areas of an order: patches become the mean colour; patches are put into it.</summary>
    public (double Deletion, double Insertion) Of(int[] order)
    {
        using var scope = NewDisposeScope();
        int parts = Math.Min(options.Parts, order.Length);
        Tensor kept = stack(Enumerable.Range(0, parts + 1).Select(i => Mask(order, order.Length * i / parts)).ToArray());
        double[] inserted = FiringAttribution.Values(model, layer, value, input * kept, options.BatchSize);
        double[] deleted = FiringAttribution.Values(model, layer, value, input * (1 - kept), options.BatchSize);
        return (Area(deleted), Area(inserted));
    }

    /// <summary>1 where a pixel is in one of the first patches.</summary>
    private Tensor Mask(int[] order, int count)
    {
        int height = (int)input.shape[2], width = (int)input.shape[3];
        var chosen = new bool[order.Length];
        for (int i = 0; i < count; i++) chosen[order[i]] = true;
        var mask = new float[height * width];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
                if (chosen[y * options.Grid / height * options.Grid + x * options.Grid / width]) mask[y * width + x] = 1;
        }
        return tensor(mask, [1, height, width], device: input.device);
    }

    private double Area(double[] values)
    {
        double area = 0;
        for (int i = 1; i < values.Length; i++) area += (values[i] + values[i - 1]) / 2 / (values.Length - 1);
        return (area - none) / (whole - none);
    }
}
