namespace Fovea.Interventions.Effects;

/// <summary>How what makes a unit fire is looked for.</summary>
public sealed record FiringOptions
{
    /// <summary>Patches of a side of the image.</summary>
    public int Grid { get; init; } = 8;

    /// <summary>Points on the way from the mean colour to the image at which the derivative is taken.</summary>
    public int IntegrationSteps { get; init; } = 16;

    /// <summary>Parts that patches are taken away or put in, of a whole order.</summary>
    public int Parts { get; init; } = 16;

    /// <summary>Random orders beside the attribution's.</summary>
    public int RandomOrders { get; init; } = 5;

    /// <summary>Images a pass; changes results by rounding only.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>Decides the random orders.</summary>
    public ulong Seed { get; init; } = 1;
}
