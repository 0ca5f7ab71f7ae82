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

/// <summary>
/// Random scaling, rotation, translation and flip of each picture of a batch: the paper's transformation robustness (section 9.2.2), with its
/// ranges (section 9.2.3) as defaults. Drawn per picture from its own stream; sampled bilinearly in one kernel for the batch.
/// </summary>
public sealed record RandomAffine
{
    /// <summary>Smallest scale.</summary>
    public double MinimumScale { get; init; } = 0.8;

    /// <summary>Largest scale.</summary>
    public double MaximumScale { get; init; } = 1.2;

    /// <summary>Rotation is uniform in ± this many degrees.</summary>
    public double Degrees { get; init; } = 15;

    /// <summary>Translation is uniform in ± this share of the side, in each direction.</summary>
    public double Translation { get; init; } = 0.2;

    /// <summary>Probability of a horizontal flip.</summary>
    public double Flip { get; init; } = 0.5;

    /// <summary>What lies outside the picture.</summary>
    public Outside Outside { get; init; } = Outside.Zero;

    /// <summary>Draws one transformation: five numbers of the stream, always in the same order.</summary>
    public AffineDraw Draw(CounterRandom random)
    {
        ArgumentNullException.ThrowIfNull(random);
        double scale = random.NextDouble(MinimumScale, MaximumScale), degrees = random.NextDouble(-Degrees, Degrees);
        double x = random.NextDouble(-Translation, Translation), y = random.NextDouble(-Translation, Translation);
        return new AffineDraw(scale, degrees, x, y, random.NextDouble() < Flip);
    }

    /// <summary>Transforms picture i of <paramref name="images"/> by <c>draws[i]</c>; differentiable.</summary>
    /// <param name="images"><c>[N, C, H, W]</c>.</param>
    /// <param name="draws">One draw a picture.</param>
    /// <returns><c>[N, C, H, W]</c>.</returns>
    public Tensor Apply(Tensor images, IReadOnlyList<AffineDraw> draws)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(draws);
        long n = images.shape[0], height = images.shape[2], width = images.shape[3];
        if (draws.Count != n) throw new ArgumentException($"{draws.Count} draws for {n} pictures.", nameof(draws));
        var matrices = new double[n * 6];
        for (int i = 0; i < n; i++) WriteInverse(draws[i], height, width, matrices.AsSpan(i * 6, 6));
        using var theta = tensor(matrices, [n, 2, 3], dtype: images.dtype, device: images.device);
        using var grid = nn.functional.affine_grid(theta, [n, images.shape[1], height, width], align_corners: false);
        return nn.functional.grid_sample(images, grid, GridSampleMode.Bilinear, Padding, align_corners: false);
    }

    private GridSamplePaddingMode Padding => Outside switch
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
