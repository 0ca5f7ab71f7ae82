using static TorchSharp.torch;

namespace Fovea.Visualization.Transforms;

/// <summary>What a sampled place outside the picture gives.</summary>
public enum Outside
{
    /// <summary>Zero: the dataset's mean colour in a normalised input.</summary>
    Zero,

    /// <summary>The nearest pixel of the border.</summary>
    Border,

    /// <summary>The picture mirrored at its edges.</summary>
    Reflection,
}

/// <summary>One draw of an affine transformation.</summary>
/// <param name="Scale">Factor by which the picture grows.</param>
/// <param name="Degrees">Rotation about the centre, clockwise on the screen.</param>
/// <param name="ShiftX">Translation to the right, as a share of the width.</param>
/// <param name="ShiftY">Translation downwards, as a share of the height.</param>
/// <param name="Flip">Whether left and right are swapped first.</param>
public readonly record struct AffineDraw(double Scale, double Degrees, double ShiftX, double ShiftY, bool Flip);

/// <summary>Affine views of pictures, each its own, sampled bilinearly in one kernel for the batch; differentiable.</summary>
internal static class AffineSampling
{
    /// <summary>Views of the size of the pictures.</summary>
    public static Tensor Apply(Tensor images, IReadOnlyList<AffineDraw> draws, Outside outside)
    {
        ArgumentNullException.ThrowIfNull(images);
        return Apply(images, draws, outside, images.shape[2], images.shape[3]);
    }

    /// <summary>Views of another size: the transformed picture stretched to it.</summary>
    /// <param name="images"><c>[N, C, H, W]</c>.</param>
    /// <param name="draws">One draw a picture.</param>
    /// <param name="outside">What lies outside the picture.</param>
    /// <param name="rows">Height of the views.</param>
    /// <param name="columns">Width of the views.</param>
    /// <returns><c>[N, C, rows, columns]</c>.</returns>
    public static Tensor Apply(Tensor images, IReadOnlyList<AffineDraw> draws, Outside outside, long rows, long columns)
    {
        ArgumentNullException.ThrowIfNull(draws);
        long n = images.shape[0], height = images.shape[2], width = images.shape[3];
        if (draws.Count != n) throw new ArgumentException($"{draws.Count} draws for {n} pictures.", nameof(draws));
        var matrices = new double[n * 6];
        for (int i = 0; i < n; i++) WriteInverse(draws[i], height, width, matrices.AsSpan(i * 6, 6));
        using var theta = tensor(matrices, [n, 2, 3], dtype: images.dtype, device: images.device);
        using var grid = nn.functional.affine_grid(theta, [n, images.shape[1], rows, columns], align_corners: false);
        return nn.functional.grid_sample(images, grid, GridSampleMode.Bilinear, Padding(outside), align_corners: false);
    }

    /// <summary>
    /// For each draw the six numbers that lead from a place of the view to one of the picture, in pixels counted from the centre of the
    /// first: column = m₀·x + m₁·y + m₂, row = m₃·x + m₄·y + m₅.
    /// </summary>
    /// <param name="draws">One a picture.</param>
    /// <param name="height">Height of pictures and views.</param>
    /// <param name="width">Width of pictures and views.</param>
    /// <returns><c>[N · 6]</c>.</returns>
    public static double[] PixelMaps(IReadOnlyList<AffineDraw> draws, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(draws);
        var maps = new double[draws.Count * 6];
        for (int i = 0; i < draws.Count; i++)
        {
            Span<double> m = maps.AsSpan(i * 6, 6);
            WriteInverse(draws[i], height, width, m);
            // Coordinates from −1 to 1 are those of the sides' ends: pixel x has its centre at (2x + 1)/W − 1.
            (double w, double h) = (width, height);
            m[2] = (w * (m[0] * (1 / w - 1) + m[1] * (1 / h - 1) + m[2] + 1) - 1) / 2;
            m[5] = (h * (m[3] * (1 / w - 1) + m[4] * (1 / h - 1) + m[5] + 1) - 1) / 2;
            (m[1], m[3]) = (m[1] * w / h, m[3] * h / w);
        }
        return maps;
    }

    private static GridSamplePaddingMode Padding(Outside outside) => outside switch
    {
        Outside.Border => GridSamplePaddingMode.Border,
        Outside.Reflection => GridSamplePaddingMode.Reflection,
        _ => GridSamplePaddingMode.Zeros,
    };

    /// <summary>
    /// The map from places of the result to places of the picture, [2, 3] in coordinates from −1 to 1. Forwards, in pixels from the centre:
    /// out = s·R(φ)·F·in + shift; so in = F·R(−φ)/s·(out − shift), rescaled from and to the sides' halves.
    /// </summary>
    private static void WriteInverse(AffineDraw draw, double height, double width, Span<double> theta)
    {
        (double sin, double cos) = Math.SinCos(draw.Degrees * Math.PI / 180);
        double mirror = draw.Flip ? -1 : 1, aspect = height / width;
        double a = mirror * cos / draw.Scale, b = mirror * sin / draw.Scale * aspect;
        double c = -sin / draw.Scale / aspect, d = cos / draw.Scale;
        double x = 2 * draw.ShiftX, y = 2 * draw.ShiftY;
        theta[0] = a; theta[1] = b; theta[2] = -(a * x + b * y);
        theta[3] = c; theta[4] = d; theta[5] = -(c * x + d * y);
    }
}
