using Fovea.Dictionaries.Sparse;
using Fovea.Imaging;
using Fovea.Interventions;
using Fovea.Models;
using Fovea.Tests.Dictionaries;
using Fovea.Tests.Interpretation;
using Fovea.Tests.Shared;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Interventions.Studies;

/// <summary>The slow side: whole passes in which a loop changes the layer, value by value.</summary>
public sealed partial class ImageStudyTests
{
    private static ImageModel Make(string architecture)
    {
        ImageModel model = architecture switch
        {
            "vit" => new ImageModel(TokenNetworks.Vit(), Input),
            "swin" => new ImageModel(TokenNetworks.Swin(), Input),
            _ => ImageModel.Create(architecture, 5, GradientFlow.Modified, Input, seed: 4),
        };
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        if (architecture is "vit" or "swin")
        {
            foreach (var (name, weight) in model.Parameters) weight.copy_(Samples.Normal(weight.shape, name, float32) * 0.3);
        }
        // Answers of about 1, so that differences are seen.
        Tensor head = model.State[model.Graph.Producer(model.Graph.Output)!.Inputs[1]];
        Tensor pictures = cat([.. Enumerable.Range(0, 4).Select(i => Pixels(Picture(i)))]);
        head.mul_(2 / model.Forward(pictures).std());
        return model;
    }

    /// <summary>A dictionary whose codes are of the layer's size.</summary>
    private static SparseAutoencoder Make(ImageModel model, string variant, string layer)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor output = model.Forward(Pixels(Picture(0)), new Probe(layer))[layer];
        SparseAutoencoder dictionary = Samples.Create(variant, (int)output.shape[1], Latents, float32);
        dictionary.FoldScale(1 / Math.Max(1e-3, output.std().item<float>()));
        return dictionary;
    }

    private static RgbImage Picture(int number)
    {
        using var source = new NoisePictures(number + 1);
        return source.Read(number);
    }

    private static Tensor Pixels(RgbImage image)
    {
        var pixels = new float[3 * 32 * 32];
        Input.Apply(image, 0, pixels);
        return tensor(pixels, [1, 3, 32, 32]);
    }

    private static float[] Hooked(ImageModel model, string layer, Func<float[], float[]> edit, (int, int)[]? positions) =>
        Hooked(model, layer, (x, row, column) => positions is null || positions.Contains((row, column)) ? edit(x) : x);

    private static float[] Hooked(ImageModel model, string layer, Func<float[], int, int, float[]> edit)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        return Numbers(model.Forward(
            Pixels(Picture(0)), new Probe { Output = true }.With(layer, output => Loop(output, edit))).Logits);
    }

    private static Tensor Loop(Tensor output, Func<float[], int, int, float[]> edit)
    {
        Tensor maps = (output.dim() == 4 ? output : output.unsqueeze(-1).unsqueeze(-1)).clone().contiguous();
        for (int y = 0; y < maps.shape[2]; y++)
        {
            for (int x = 0; x < maps.shape[3]; x++)
                maps[0, .., y, x] = tensor(edit(maps[0, .., y, x].contiguous().data<float>().ToArray(), y, x));
        }
        return maps.reshape(output.shape);
    }

    private static float[] Coded(SparseAutoencoder dictionary, float[] x, int[] latents, Func<double, double> edit, DictionaryError error) =>
        Coded(dictionary, x, codes =>
        {
            foreach (int latent in latents) codes[latent] = (float)edit(codes[latent]);
        }, error);

    /// <summary>One vector, whose dense codes are changed, decoded by loops.</summary>
    private static float[] Coded(SparseAutoencoder dictionary, float[] x, Action<float[]> edit, DictionaryError error)
    {
        using var scope = NewDisposeScope();
        float[] before = dictionary.EncodeDense(tensor(x, [1, x.Length])).contiguous().data<float>().ToArray(), after = [.. before];
        edit(after);
        double[] from = Decode(dictionary, before), to = Decode(dictionary, after);
        return [.. x.Select((value, i) => (float)(error == DictionaryError.Dropped ? to[i] : value + to[i] - from[i]))];
    }

    /// <summary>The same of a dictionary that brings each vector to mean 0 and deviation 1, or to length √d, and back.</summary>
    private static float[] Framed(SparseAutoencoder dictionary, float[] x, Action<float[]> edit, DictionaryError error)
    {
        using var scope = NewDisposeScope();
        double mean = dictionary.Normalization == InputNormalization.LayerNorm ? x.Average(value => (double)value) : 0;
        double scale = Math.Sqrt(x.Sum(value => (value - mean) * (value - mean))
            / (dictionary.Normalization == InputNormalization.LayerNorm ? x.Length - 1 : x.Length));
        float[] before = dictionary.EncodeDense(tensor(x, [1, x.Length])).contiguous().data<float>().ToArray(), after = [.. before];
        edit(after);
        double[] from = Decode(dictionary, before), to = Decode(dictionary, after);
        return [.. x.Select((value, i) => (float)(error == DictionaryError.Dropped ? scale * to[i] + mean : value + scale * (to[i] - from[i])))];
    }

    private static double[] Decode(SparseAutoencoder dictionary, float[] codes)
    {
        int size = dictionary.InputSize;
        float[] rows = dictionary.DecoderWeight.contiguous().data<float>().ToArray();
        double[] sum = [.. dictionary.Parameters["b_dec"].data<float>().Select(value => (double)value)];
        for (int latent = 0; latent < codes.Length; latent++)
            for (int i = 0; i < size; i++) sum[i] += (double)codes[latent] * rows[latent * size + i];
        return sum;
    }

    private static float[] Numbers(Tensor answer) => answer.contiguous().data<float>().ToArray();

    private static double Largest(IReadOnlyList<float> one, IReadOnlyList<float> other) =>
        one.Zip(other, (a, b) => Math.Abs((double)a - b)).Max();

    private static void Near(IReadOnlyList<float> expected, IReadOnlyList<float> found, string what)
    {
        Assert.Equal(expected.Count, found.Count);
        double size = Math.Max(1, expected.Max(Math.Abs));
        Assert.True(Largest(expected, found) <= 2e-5 * size, $"{what}: off by {Largest(expected, found)} of {size}.");
    }
}
