namespace Fovea.Models.Graph;

/// <summary>
/// How one axis is resampled, as ONNX's operator Resize defines it: each position of the result is a weighted sum of positions of the
/// input. Positions are calculated in single precision, as the engines do: between two neighbours that are equally near, double precision
/// would often choose the other one.
/// </summary>
internal sealed record AxisResampling
{
    /// <summary>nearest, linear or cubic.</summary>
    public required string Mode { get; init; }

    /// <summary>Where a position of the result lies on the input: half_pixel, asymmetric, align_corners, …</summary>
    public required string Coordinates { get; init; }

    /// <summary>Which neighbour is the nearest: round_prefer_floor, round_prefer_ceil, floor, ceil.</summary>
    public string Nearest { get; init; } = "round_prefer_floor";

    /// <summary>The coefficient of cubic interpolation (Keys 1981).</summary>
    public float Cubic { get; init; } = -0.75f;

    /// <summary>Positions outside the input have no weight; otherwise the border stands there.</summary>
    public bool ExcludeOutside { get; init; }

    /// <summary>Where the result is smaller, each position covers as much of the input as it stands for.</summary>
    public bool Antialias { get; init; }

    /// <summary>The part of the input, in units of its length, for the coordinates tf_crop_and_resize.</summary>
    public (float Start, float End) Part { get; init; } = (0, 1);

    /// <summary>Where position <paramref name="at"/> of <paramref name="made"/> lies on an axis of <paramref name="size"/>.</summary>
    public float Position(long at, long size, long made, float scale) => Coordinates switch
    {
        "asymmetric" => at / scale,
        "align_corners" => made == 1 ? 0 : at * (float)(size - 1) / (made - 1),
        "pytorch_half_pixel" => made > 1 ? (at + 0.5f) / scale - 0.5f : 0,
        "tf_half_pixel_for_nn" => (at + 0.5f) / scale,
        "half_pixel_symmetric" => size / 2f * (1 - made / (scale * size)) + ((at + 0.5f) / scale - 0.5f),
        "tf_crop_and_resize" => made > 1
            ? Part.Start * (size - 1) + at * (Part.End - Part.Start) * (size - 1) / (made - 1)
            : 0.5f * (Part.Start + Part.End) * (size - 1),
        _ => (at + 0.5f) / scale - 0.5f,
    };

    /// <summary>Whether a position lies outside, where the coordinates give another value than the border's.</summary>
    public bool Outside(float position, long size) =>
        Coordinates == "tf_crop_and_resize" && (position < 0 || position > size - 1);

    /// <summary>The position of the input that is nearest.</summary>
    public long NearestTo(float position, long size)
    {
        float whole = Nearest switch
        {
            "round_prefer_ceil" => MathF.Floor(position + 0.5f),
            "floor" => MathF.Floor(position),
            "ceil" => MathF.Ceiling(position),
            _ => MathF.Ceiling(position - 0.5f),
        };
        return Math.Clamp((long)whole, 0, size - 1);
    }

    /// <summary>Adds the weights of a position to a row of the input's length.</summary>
    public void Weigh(float position, long size, float scale, Span<float> row)
    {
        double floor = Math.Floor(position), ratio = position - floor;
        double wide = Antialias ? 1 / Math.Min(scale, 1.0) : 1, reach = Mode == "cubic" ? 2 : 1;
        long first = (long)floor + (long)Math.Floor(-reach * wide) + 1, last = (long)floor + (long)Math.Ceiling(reach * wide);
        double sum = 0;
        for (long at = first; at <= last; at++)
            if (!ExcludeOutside || at >= 0 && at < size) sum += Weight((at - floor - ratio) / wide);
        for (long at = first; at <= last; at++)
        {
            if (ExcludeOutside && (at < 0 || at >= size)) continue;
            row[(int)Math.Clamp(at, 0, size - 1)] += (float)(Weight((at - floor - ratio) / wide) / sum);
        }
    }

    private double Weight(double distance)
    {
        double x = Math.Abs(distance);
        if (Mode != "cubic") return Math.Max(0, 1 - x);
        if (x <= 1) return (Cubic + 2) * x * x * x - (Cubic + 3) * x * x + 1;
        return x < 2 ? Cubic * x * x * x - 5 * Cubic * x * x + 8 * Cubic * x - 4 * Cubic : 0;
    }
}
