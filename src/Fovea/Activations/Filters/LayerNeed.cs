namespace Fovea.Activations.Filters;

/// <summary>What a score of a layer's positions is computed from, beside the layer's output. Each costs more than the one before.</summary>
public enum LayerNeed
{
    /// <summary>Nothing else.</summary>
    Activations,

    /// <summary>The gradient of the class's logit at the layer: one backward pass from the logits.</summary>
    Gradients,

    /// <summary>The class's logit for changed outputs of the layer: many passes through the rest of the network.</summary>
    Logits,
}
