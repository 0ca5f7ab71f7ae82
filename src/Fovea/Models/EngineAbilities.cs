namespace Fovea.Models;

/// <summary>What an engine can do with a network.</summary>
[Flags]
public enum EngineAbilities
{
    /// <summary>Give the answer and read layers.</summary>
    Read = 1,

    /// <summary>Edit layers on the way, and go on after a cut.</summary>
    Edit = 2,

    /// <summary>Give gradients.</summary>
    Differentiate = 4,
}
