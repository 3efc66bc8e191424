//! Powers of the generator, faster than other powers: a fixed-base comb (Lim and Lee, 1994).
//!
//! An exponent of 256 bits is written as four rows of 64. One column of four bits chooses one of
//! sixteen products of `g`, `g^(2^64)`, `g^(2^128)` and `g^(2^192)`, so that 64 squarings and 64
//! products do the work of 256 and more. The whole table is read for every column.

use crypto_bigint::{CtAssign, CtEq, U3072};

use super::group::{G, Residue};

/// `g^(2^64)`, `g^(2^128)` and `g^(2^192)`.
const TEETH: [Residue; 3] = [
    Residue::new(&U3072::from_be_hex(
        "24D45FEC935A7CE5568C844B7D4936784543C5F9CA8982EB5BE6EB39785C8E40\
         C88E31BB110275C52DD3ED7C5C929B311BDEDEF320E0B85102AD61381F696D39\
         48C0CCC8D608F8C3C554F6C6F8C052BB7EBC95580D2E04319EB5B451F21D355D\
         53081FADE5618342188218466C716093DA85981318A58CD6EDDEBE7F6B0185B3\
         7876CF3571EAD6A3DF1A6811A3F8D64A622572B02BDD8CCB9E429F11FF01C082\
         B10AD0BD8BB1B5845BDADF46C1B5E4558253A55DD88962ACADD5A47DF89AFB1B\
         EE4C2511812C74FECAF661A58A61319ED5682F217FE1498770D05B4C26B46F21\
         F9C86457BD2FFF95DCF52BCA566EDC412EEB3973B81891B9C18E3EB8120762AD\
         04496DE506D3E66005D67BB6AA80900BADE29104716194B3BBAE44FB9EB51EFF\
         BE409B305AF4F431FA154AE3EBFBADE7D36BCC0D6657C34226C6303F6C10314E\
         8DEC9A8C1257F1C144922160EB4B87F0F737F2F43276187A243DC69C828CDECC\
         961ACEB0167D22F7B86635D97393327259C016AF1EC7CDECB13060CE5BF63DCA",
    )),
    Residue::new(&U3072::from_be_hex(
        "8C91AF84249658896165E3E190488D84241D642B509D63551E46EB58C5D315BC\
         3C8886C34FCDBD10882DD3D7DFDA5D407CC80CF6C9FC8FB6CB36C9E366B3C2AE\
         3704EE863A08D0D82B5BCE7D2E6EFE1667DD7A68CB5328855C156D8E35984DED\
         8EC26C97CF92ADBA6C1C5718CD07CBBB7D099337E9304777E11F37A36C2851EE\
         B66A3F6BD44D67B93A3A6937EC493EA1731C25C7132CBB3BF82217C356D51E09\
         20C7429D710876DE0DABC1BCD4C0B12136379DF592B6AADD3488DD384AAE221E\
         49D4DDE76DB6C02A24F6E636FE6C53F2AE84E252731DEC6F2716D511F1FC49F9\
         37FD3B99326B123667D61A3F215B70C8A1A0B46128E58C0B0BB171831FA77290\
         1BBA3874FAF37F31BA5887F8FACB8BD3CE99C20CF52160C226DFA867B942473B\
         52D884922940A49CA0E2ED2E09A786F73F2DC7D6163D3E2AE0B94EBC038F0327\
         705377C48CFC21817950C9847526707A7D737601B2195E10DB219BD9C0E3771F\
         2FD832038C8F9245E855EFAF433C487A1F2EEA103873D7684F9088E07806734A",
    )),
    Residue::new(&U3072::from_be_hex(
        "91938495281E0DB3FCB28CE10A65827FC0D6E2379DF6C34A6A25601D08FD69CA\
         7017933E0AC3B54D9CD5B75095D04DE5DA1F2F678ECA1642C61F31DA766EF3E2\
         B99377D87C51B97CA97AD9CCA0EBD08DFABBC71AC9A52EF3851FB52D8C9C7653\
         C0F58BF941808DA25F196008EE855E3E23EE2A717CB2941B4601F0214DC56088\
         47F6A234712686A331203B9797C8F22A3199937CE1FA94B0BF6A4B29FFBF52D6\
         31FDDF5996D75EC1C07A6A598CF31A24484DE28E4FF4B604A7259610387276A2\
         B6CA8E398EF31C79951591946F7896D73426D729B565923A29AC8474A9679220\
         BF2FCA4B391EFB930E48E5561D38D49956A30C2C9E80BB081D1AC85ADE60A8ED\
         DBA0AF98A67C857087DA66A5A22D912E1EB52ED1494C88AE7CA68F14C2F1B351\
         B44D0057BD13AB52D4E481C69C7640B5EC9EE8BCF7CF89F5184E3E79410EAC49\
         BE975EAB18FCDFF23F45015A5EDC3AB489F2E54E4D3B20094828380E8CFB9FDE\
         C68D2D82BD475FF05D2F0643785C31CDB980E56EB35B524BE1841DF24F6AD99F",
    )),
];

/// For each column of four bits, the product of the powers that its bits choose.
static PRODUCTS: [Residue; 16] = products();

/// `g` to the power of a secret of 256 bits, big-endian, in constant time.
pub(super) fn generator_power(exponent: &[u8; 32]) -> Residue {
    let mut power = Residue::ONE;
    for column in 0..64 {
        power = power.square() * select(exponent, column);
    }
    power
}

/// The product that a column chooses, columns counted from the highest bit of each row.
fn select(exponent: &[u8; 32], column: usize) -> Residue {
    let mut chosen = 0_u8;
    // The highest row comes first.
    for row in exponent.as_chunks::<8>().0 {
        chosen = chosen << 1 | (row[column / 8] >> (7 - column % 8) & 1);
    }
    let mut product = Residue::ZERO;
    for (at, candidate) in PRODUCTS.iter().enumerate() {
        product.ct_assign(candidate, (at as u8).ct_eq(&chosen));
    }
    product
}

const fn products() -> [Residue; 16] {
    let powers = [G, TEETH[0], TEETH[1], TEETH[2]];
    let mut products = [Residue::ONE; 16];
    let mut at = 1;
    while at < 16_usize {
        let highest = at.ilog2();
        products[at] = products[at - (1 << highest)].mul(&powers[highest as usize]);
        at += 1;
    }
    products
}

#[cfg(test)]
mod tests {
    use crypto_bigint::U256;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_tooth_is_the_one_before_squared_64_times() {
        let mut power = G;
        for tooth in TEETH {
            for _ in 0..64 {
                power = power.square();
            }
            assert_eq!(power, tooth);
        }
    }

    #[test]
    fn powers_of_single_bits_are_squares_of_the_generator() {
        let mut power = G;
        for bit in 0..256 {
            let mut exponent = [0; 32];
            exponent[31 - bit / 8] = 1 << (bit % 8);
            assert_eq!(generator_power(&exponent), power, "bit {bit}");
            power = power.square();
        }
    }

    #[test]
    fn powers_of_extreme_exponents_agree_with_plain_powers() {
        for exponent in [[0; 32], [0xff; 32], [0x80; 32], [1; 32]] {
            assert_eq!(
                generator_power(&exponent),
                G.pow(&U256::from_be_slice(&exponent))
            );
        }
    }

    proptest! {
        #![proptest_config(crate::cases(64))]

        #[test]
        fn any_power_agrees_with_the_plain_power(exponent: [u8; 32]) {
            prop_assert_eq!(generator_power(&exponent), G.pow(&U256::from_be_slice(&exponent)));
        }
    }
}
