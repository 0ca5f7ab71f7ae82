using Fovea.Numerics;

namespace Fovea.Datasets;

/// <summary>A <see cref="Pattern"/> made ready for evaluation at many pixels: how much ink lies at a point, 0 … 1, anti-aliased.</summary>
internal sealed class PatternField
{
    private readonly SurfaceTexture _texture;
    private readonly float _cos, _sin, _period, _phaseU, _phaseV;
    private readonly float[] _coarse = [], _fine = [];
    private readonly int _coarseWidth, _fineWidth;

    public PatternField(Pattern pattern)
    {
        double angle = pattern.Angle * Math.PI / 180;
        (_texture, _period) = (pattern.Texture, (float)pattern.Period);
        (_cos, _sin) = ((float)Math.Cos(angle), (float)Math.Sin(angle));
        (_phaseU, _phaseV) = ((float)pattern.PhaseU, (float)pattern.PhaseV);
        if (_texture == SurfaceTexture.Clouds)
        {
            var random = new CounterRandom(pattern.Noise, "shapesworld/clouds", 0);
            (_coarse, _coarseWidth) = Lattice(random, _period);
            (_fine, _fineWidth) = Lattice(random, _period / 2);
        }
    }

    /// <summary>Ink at a point of the image, in pixels.</summary>
    public float Ink(float x, float y) => _texture switch
    {
        SurfaceTexture.Stripes => Band(U(x, y)),
        SurfaceTexture.Checks => Either(Band(U(x, y)), Band(V(x, y))),
        SurfaceTexture.Dots => Dot(U(x, y), V(x, y)),
        SurfaceTexture.Gradient => Math.Clamp(0.5f + (_cos * (x - Half) + _sin * (y - Half)) / (2.2f * Half), 0, 1),
        SurfaceTexture.Clouds => Cloud(x, y),
        _ => 0,
    };

    private const float Half = ShapesWorld.ImageSize / 2f;

    /// <summary>Radius of a dot in periods: about a third of the surface is ink.</summary>
    private const float DotRadius = 0.32f;

    private float U(float x, float y) => (x * _cos + y * _sin) / _period + _phaseU;

    private float V(float x, float y) => (y * _cos - x * _sin) / _period + _phaseV;

    /// <summary>1 in one half of each period, 0 in the other, with a ramp one pixel wide between.</summary>
    private float Band(float u)
    {
        float within = u - MathF.Floor(u);
        return Math.Clamp(0.5f + (0.25f - MathF.Abs(within - 0.5f)) * _period, 0, 1);
    }

    private static float Either(float a, float b) => a + b - 2 * a * b;

    private float Dot(float u, float v)
    {
        float row = MathF.Floor(v);
        float shifted = ((int)row & 1) == 0 ? u : u + 0.5f;
        float du = shifted - MathF.Floor(shifted) - 0.5f, dv = v - row - 0.5f;
        return Math.Clamp(0.5f + (DotRadius - MathF.Sqrt(du * du + dv * dv)) * _period, 0, 1);
    }

    private float Cloud(float x, float y)
    {
        float value = 0.65f * Smooth(_coarse, _coarseWidth, x / _period, y / _period)
            + 0.35f * Smooth(_fine, _fineWidth, 2 * x / _period, 2 * y / _period);
        // Stretched about the middle: the mean of lattice values seldom comes near 0 or 1.
        return Math.Clamp(0.5f + 2.2f * (value - 0.5f), 0, 1);
    }

    private static (float[] Values, int Width) Lattice(CounterRandom random, float cell)
    {
        int width = (int)(ShapesWorld.ImageSize / cell) + 2;
        var values = new float[width * width];
        for (int i = 0; i < values.Length; i++) values[i] = (float)random.NextDouble();
        return (values, width);
    }

    private static float Smooth(float[] lattice, int width, float x, float y)
    {
        int column = (int)x, row = (int)y;
        float fx = x - column, fy = y - row;
        fx *= fx * (3 - 2 * fx);
        fy *= fy * (3 - 2 * fy);
        int at = row * width + column;
        float top = lattice[at] + fx * (lattice[at + 1] - lattice[at]);
        float bottom = lattice[at + width] + fx * (lattice[at + width + 1] - lattice[at + width]);
        return top + fy * (bottom - top);
    }
}
