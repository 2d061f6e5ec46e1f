//! The language subtags of the IANA registry, as one bit each.

// Bit n of the row stands for the nth word of two (three) letters; six bits a character, of the alphabet below.
const TWO_LETTERS: &str = "\
pGZ97TS6Ga0PJH00821QSG839G9W2C4HGQSMbn5140O4qVsrGXX30tc3j5QY41IO01a03000G00m15TttV4TRE5G48WG44040G00W0000440480G0";
const THREE_LETTERS: &str = "\
_tV_-_-__kz-_xl-t_1FNzsbpX____FS_Em___S15ANw_t_V____tz_________uf____t4lAedl____-__z______zAq7FyTT-dKS08Vt-d_aS8u_hx____\
_____z_____Vz____V_V________d_x_____l______l______z__F__x_t___l____-___z__V______zz___l____t___tx___-_______t_tlzNTh_1q_\
S6yGiWG9110K410Wx-lyVIhG5PzcqWuzxT-5NLLVEmnD_D_xV-VNuK62001l__x____Vtupn7_z_1480mM0W00200C0G00WaX0z_zzlt-x51080PDcHmVld8\
0000VtctcKUspx__z_ydK44362Gq00_ndzbrPwrjj_-00800000mtfzLIsM0kOzUq__V_1000403MD0000B5d4b5A0G00004Ha4000640000G0004H00G0O1\
O000500WeG0000Lrj01PrGoKrNzlYty00080010000004SHE1qzLP62cdY0010aW0000400008G0010H000i-lQE080000010000000800410000200000nW\
eM0000004021cY010WGWG10084ZX0100000G0CGz3012400000-EpE1002G40000000000000000_______tFFee0__tdy-7bF04W8RncMK9REmtv_z0KZ4a\
1uGWZF9LRZpy_zVRv____H0204G8ImpNz_GXFH4G0Gm_z_lrel1ztCQ30008xbd07G80m__V-3064480000WGG9710000000G0404W0j-NA30100HI21i10O\
m__-_PF75yvtkD00H00000K1rQhWeG0044bu_t_F5a0250400000G000C00000Ge2msv8H1YW0yH0U00000pG1495U4X012400Y0GXO40aDxk3rDT4HQEarw\
pW00WK0GG000005HMcarTTwW7Tv-0010800W00KH04W0040G02WH8W_wtd3nTQ100m011028TBQ00000IG400G04mtPbJG0W040qM040G0FaYnaq24WI0O41\
0WW0002m00e10W000000mZzxL80200G0000000H0001000m_NFU________V__l_____________V__-___sz____x______________z__t_pz_________\
_x_-_________x__z__________x_____________lN_T_z_yYP1iy_1m____1020CSVVOWvo1__yz7HY0pdxvH__Vby__p_oxHbt___71O020080LrdA-T-\
k5nXH1z-_V7G3KGqOn5001044800We0WxTR_-x_________x_____z___________V____zV___V____l_Vl___-____V_N__V___V_____-__-_______tt\
__xxt___________-____z______y_V__z__Vwx_-__Vt_d02Im_____N_-__V__Yxvv_V__MrVp_______x_t__zzmfHP0nN2TNlQw_z__OTjr____FWG10\
N5bmbLVJY___VBKX5N01Y00Tf11254401O000000045O5GG000W1H020O4Want_PhPGb6SLxxtKdxD81Y140L840000L3c_NGuOo6zzzJ430W00000900000\
0e04040G00_tz_RV--y__A45466i_tbU48009r25dyVxn_xx_0002SCuUm_k_t_-tt_z__F_rt-Hq_74140n_z_zTd_N5OuxrVNlz0000CKS210G00G03b19\
80G00000000000000000000000000000000000000000000000000000000000000000000000000000000000000yUldVbxJqL213K8wVH00200000y-__l\
0C20W0008000mKxuG0000419M0G020pWZ60K04mWHW40000yV___IeA4_XjK00880000004528GF01XGG4sNS63000G0S90800G008K0W000_-z______yjt\
Ftx_l-___j4GG4V_lt_z___-V__VnlNy_z_V_x-zl_x_R__t_tlV_Ur_l5eTVozzz____ll___rLVz-NGXXO-__dLyP5Fqdnz5garVlV______V_T___zR_N\
__3GOAm_Z__ysx_t__zVGxJ5xnx_--__t___t_t__x_ttVT_l_2W_My_____V-____V__-zV6znT_Z_sTzSVMahwx1g7W00C2G098H00004r6G000G00400C\
9O0K0W0000090G00GmDMNtq3KzKyMGMrAf0G200G0W00000t_l-7OXKGa0A100Z40920G00000000400000WG0nllD9010000000000m0s20000000W20000\
0Rem20G004m_O800I0__vz30b0000e000000000G00n00a2800G000mW0000040000000000000000m____p-vR4G000I6WHD7lN0400mG11L1H04O_FwL01\
00BWWKLTNsttnnCULFKzNT6510000000iS_sVG5O3YM1Gi8Ew6000030aG4000n0n8G0000yr__rNpBSMZdUL0L1aIOw11000iMEIH7Ge33ag99008m_l__V\
5E5zl___otznCLlGy___V00W0R5pMyv-tqtx_tBfl60HO4GNEf42GX2CW384WG20____lvV06WeA0PH01KnA-400001afLa024Gu_-x00004SVQqKv9HVt_Z\
kDRLWGzmO3JF02000m4zHKCXl150Y0rV_kz100244ARHGO0H00W42410m_V__LW0Ma8000020013300000mWm80A42mC0F290000BJkE6XCLn____PH01G8K\
7m____G00044u4G0S81GXRd58C04000010000000YGY2018000";

const ALPHABET: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";

/// Whether a language tag begins with a registered language, `i` or `x`; ASCII case does not matter.
pub fn is_known(tag: &str) -> bool {
    let primary = tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
    let row = match primary.len() {
        2 => TWO_LETTERS,
        3 => THREE_LETTERS,
        _ => return false,
    };
    let mut number = 0;
    for letter in primary.bytes() {
        if !letter.is_ascii_lowercase() {
            return false;
        }
        number = number * 26 + usize::from(letter - b'a');
    }
    let bits = row.as_bytes().get(number / 6).and_then(|byte| ALPHABET.bytes().position(|it| it == *byte));
    bits.is_some_and(|bits| bits >> (number % 6) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::is_known;

    #[test]
    fn knows_registered_languages_alone() {
        for tag in ["en", "EN-us", "de-CH-1901", "yue", "zxx", "haw"] {
            assert!(is_known(tag), "{tag}");
        }
        for tag in ["", "e", "xx", "english", "e1", "qqz-", "en_US", "\u{e9}n", "zzzz"] {
            assert!(!is_known(tag), "{tag}");
        }
    }
}
